import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import type { FakeRunnerApi } from '../../../internal/dev/runner-api/fake-runner-api.ts';
import type { StepRecord } from '../../../internal/dev/runner-api/queue/step-record.ts';
import type { TaskSubmission, TaskView } from '../../../internal/dev/runner-api/queue/task-view.ts';
import { callsIn, type ReceivedRequest } from '../../../internal/dev/runner-api/received-requests.ts';
import { firstProcessOf, makeFileFor } from '../../../internal/dev/testing/cluster/first-process.ts';
import { images } from '../../../internal/dev/testing/cluster/images.ts';
import {
  execInPod,
  type PodName,
  waitForLog,
  waitForPod,
} from '../../../internal/dev/testing/cluster/pod.ts';
import type { Sightings } from '../../../internal/dev/testing/cluster/sightings.ts';
import { sendSignal } from '../../../internal/dev/testing/proc.ts';
import { waitFor } from '../../../internal/dev/testing/wait-for.ts';
import { linux } from './install-controller.ts';
import { patience } from './patience.ts';

/** A line of a controller's log. */
export type LogLine = Readonly<Record<string, unknown>>;

/** What runs the tasks of a test. */
export interface Surroundings {
  readonly namespace: string;
  readonly api: Pick<FakeRunnerApi, 'of'>;
  readonly sightings: Sightings;
  /** The lines of all controllers so far. */
  log(): Promise<LogLine[]>;
}

/** The container with the orchestrator. */
const primary = 'container-0';

/** The differences of a test's task. */
export interface TaskContent {
  readonly resourceClass?: string;
  /** The fake agent's script. */
  readonly agent?: readonly string[];
  /** The job's image. */
  readonly image?: string;
  /** Further fields of the job's first `docker` entry. */
  readonly job?: Readonly<Record<string, unknown>>;
  /** Further `docker` entries. */
  readonly services?: readonly object[];
  /** Further fields of the configuration. */
  readonly fields?: Readonly<Record<string, unknown>>;
  /** How often it may be handed back. */
  readonly retries?: number;
  /** Whether it is queued again when it is handed back. Otherwise, it is then gone. */
  readonly comesAgain?: boolean;
}

/** The end of a task, for the runner API and in the cluster. */
export interface EndedTask {
  /** {@link SubmittedTask.reports} */
  readonly calls: readonly string[];
  /** The message of the failure that the runner API accepted, or ''. */
  readonly message: string;
  /** The controller's line about its end. */
  readonly work: LogLine;
  /** The output of the lifecycle step. */
  readonly lifecycle: string;
}

/** The task for the runner API's queue. */
export function submissionOf(content: TaskContent): TaskSubmission {
  const { agent = [], fields = {}, image = images.bare, job = {}, services = [] } = content;
  const { environment = {}, ...rest } = job;
  const script = agent.length === 0 ? {} : { FAKE_AGENT_SCRIPT: agent.join(' ') };
  const first = { image, environment: { ...script, ...(environment as object) }, ...rest };
  return {
    resourceClass: content.resourceClass ?? linux,
    configuration: { docker: [first, ...services], ...fields },
    retries: content.retries,
  };
}

/** A submitted task, seen from the outside. */
export class SubmittedTask {
  readonly view: TaskView;
  readonly #surroundings: Surroundings;

  constructor(view: TaskView, surroundings: Surroundings) {
    this.view = view;
    this.#surroundings = surroundings;
  }

  get id(): string {
    return this.view.taskId;
  }

  /** The requests that the runner API got with the token of any of its claims. */
  get requests(): readonly ReceivedRequest[] {
    return this.#surroundings.api.of(this.id);
  }

  /** The calls that report its end, in order: `unclaim`, `fail`. */
  get reports(): string[] {
    return callsIn(this.requests.filter(({ call }) => call === 'unclaim' || call === 'fail'));
  }

  /** The last views of its Pods, the oldest first. */
  get pods(): readonly Pod[] {
    return this.#surroundings.sightings.pods(this.id);
  }

  /** Waits until its Pod exists. */
  async pod(): Promise<Pod> {
    return await waitFor(`a Pod of ${this.id}`, () => this.pods[0], patience);
  }

  async podName(): Promise<PodName> {
    const { metadata } = await this.pod();
    return { namespace: this.#surroundings.namespace, name: metadata?.name ?? '' };
  }

  /** Waits for a state of its Pod while the Pod exists. */
  async podWith<T>(what: string, condition: (pod: Pod) => T): Promise<Exclude<T, false | undefined>> {
    return await waitForPod(await this.podName(), what, condition);
  }

  /** Waits for a match in its agent's output. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    return await waitForLog(await this.podName(), primary, pattern);
  }

  /** Makes a file in a container. */
  async touch(file: string, container = primary): Promise<void> {
    makeFileFor(await this.firstProcess(container), file);
  }

  /** Runs a command in a container, to its end. */
  async exec(container: string, command: readonly string[]): Promise<void> {
    await execInPod(await this.podName(), container, command);
  }

  /** A step of its last claim. */
  step(id: number): StepRecord | undefined {
    return this.view.claims.at(-1)?.steps.find((step) => step.id === id);
  }

  /** Waits for a match in its lifecycle step. */
  async told(pattern: RegExp): Promise<void> {
    const output = () => this.step(0)?.output ?? '';
    await waitFor(`${pattern} in the lifecycle`, () => pattern.test(output()), patience).catch(
      (error: unknown) => {
        throw new Error(`${error instanceof Error ? error.message : error} of ${this.id}:\n${output()}`);
      },
    );
  }

  /** Kills PID 1 of the primary container, as the kernel's OOM killer may do. */
  killFirstProcess(): Promise<void> {
    return this.signalFirstProcess('SIGKILL');
  }

  /** Sends a signal to PID 1 of the primary container. From within, the kernel would drop SIGKILL and SIGSTOP. */
  async signalFirstProcess(signal: NodeJS.Signals): Promise<void> {
    sendSignal(await this.firstProcess(), signal);
  }

  /** PID 1 of a container, by its pid on this machine. */
  async firstProcess(container = primary): Promise<number> {
    return await this.podWith('its PID 1', (pod) => firstProcessOf(pod, container));
  }

  /** Waits until the runner API lists it as failed. Before its configuration is known, the log does not name a task. */
  async failed(): Promise<void> {
    await waitFor(`the failure of ${this.id}`, () => this.view.state === 'failed', patience);
  }

  /** Waits until it has ended this often, and nothing of it is left in the cluster. */
  async ended(times = 1): Promise<EndedTask> {
    const { sightings } = this.#surroundings;
    const lines = await waitFor(`the end of ${this.id}`, () => this.#linesOfEnd(times), patience).catch(
      async (error: unknown) => {
        const words = error instanceof Error ? error.message : error;
        throw new Error(`${words}\n${JSON.stringify([this.view, this.pods.at(-1)?.status], undefined, 2)}`);
      },
    );
    const looks = sightings.looks;
    const isClean = () => sightings.looks > looks + 1 && sightings.left(this.id).length === 0;
    await waitFor(`the end of all that belongs to ${this.id}`, isClean, patience);
    return {
      calls: this.reports,
      message: this.view.message ?? '',
      work: lines.at(-1) ?? {},
      lifecycle: this.step(0)?.output ?? '',
    };
  }

  async #linesOfEnd(times: number): Promise<readonly LogLine[] | undefined> {
    const lines = (await this.#surroundings.log()).filter(
      ({ msg, 'task.id': id }) => msg === 'service-work' && id === this.id,
    );
    return lines.length >= times ? lines : undefined;
  }
}
