import type { StoryOf } from '../../fake-kubelet/pod-record.ts';
import type { FakeRunnerApi } from '../../runner-api/fake-runner-api.ts';
import type { ProgrammedAnswer } from '../../runner-api/programmed-answer.ts';
import type { RecordedQueue } from '../../runner-api/queue/recorded-queue.ts';
import type { TaskView } from '../../runner-api/queue/task-view.ts';
import type { ReceivedRequest } from '../../runner-api/received-requests.ts';
import type { FakeCall } from '../../runner-api/routes.ts';
import { Random } from '../random.ts';
import { type ClassName, classes } from './classes.ts';
import { drawClaimAnswers, drawTaskAnswers } from './draw-answers.ts';
import { drawStory } from './draw-story.ts';

const prefix = 'task-';
/** The claims of a class that faults may disturb. A fast machine may have more in an hour. */
const claims = 20_000;
/** More than a task can have. */
const claimsOfTask = 16;
const longestUntilCancelledMs = 4000;

/** Creates the runner API's tasks, and decides their fates, from the seed. */
export class TaskSource {
  readonly #seed: number;
  readonly #queue: RecordedQueue;
  readonly #api: Pick<FakeRunnerApi, 'answer'>;
  readonly #answers = new Map<string, readonly ProgrammedAnswer[]>();
  readonly #open = new Set<TaskView>();
  /** Whether stories may take minutes. */
  slow: boolean;
  #count = 0;

  constructor(seed: number, queue: RecordedQueue, api: Pick<FakeRunnerApi, 'answer'>, slow: boolean) {
    this.#seed = seed;
    this.#queue = queue;
    this.#api = api;
    this.slow = slow;
    for (const [index, name] of Object.keys(classes).entries())
      this.#program('claim', name, [...drawClaimAnswers(Random.forTask(seed, -1 - index), claims), {}]);
  }

  /** The programmed part of the answer to a request. The queue adds the rest. */
  answerTo({ attempt, call, key }: ReceivedRequest): ProgrammedAnswer {
    const answers = this.#answers.get(`${call} ${key}`) ?? [];
    return answers[Math.min(attempt, answers.length) - 1] ?? {};
  }

  /** Submits tasks until this many wait. */
  fill(waiting: number): void {
    const queued = [...this.#open].filter(({ state }) => state === 'queued').length;
    for (let missing = waiting - queued; missing > 0; missing--) this.#submit();
  }

  /** The tasks that are not over. */
  open(): TaskView[] {
    for (const task of this.#open)
      if (task.state !== 'queued' && task.state !== 'claimed') this.#open.delete(task);
    return [...this.#open];
  }

  readonly storyOf: StoryOf = (taskId, allocation) => {
    const { claims = [] } = this.#queue.of(taskId) ?? {};
    const claim = claims.findIndex((it) => it.allocation === allocation);
    const index = Number(taskId.slice(prefix.length)) * claimsOfTask + claim;
    return drawStory(Random.forTask(this.#seed, index), { slow: this.slow });
  };

  #submit(): void {
    const index = this.#count++;
    const random = Random.forTask(~this.#seed, index);
    const taskId = `${prefix}${index}`;
    for (const [call, answers] of Object.entries(drawTaskAnswers(random)))
      this.#program(call as FakeCall, taskId, answers);
    const auth = random.chance(0.1) ? { auth: { username: 'somebody', password: `password-${index}` } } : {};
    const services = random.chance(0.2) ? [{ image: 'redis:7' }] : [];
    const resourceClass = random.pick(Object.keys(classes) as [ClassName, ...ClassName[]]);
    const docker = [{ image: 'cimg/base:current', ...auth }, ...services];
    this.#open.add(this.#queue.submit({ resourceClass, configuration: { task_id: taskId, docker } }));
    if (random.chance(0.04))
      setTimeout(() => this.#cancel(taskId), random.integer(1, longestUntilCancelledMs));
  }

  #cancel(taskId: string): void {
    const state = this.#queue.of(taskId)?.state;
    if (state === 'queued' || state === 'claimed') this.#queue.cancel(taskId);
  }

  #program(call: FakeCall, key: string, answers: readonly ProgrammedAnswer[]): void {
    this.#answers.set(`${call} ${key}`, answers);
    this.#api.answer(call, answers, key);
  }
}
