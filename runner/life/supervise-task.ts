import { describePod } from '../steps/describe-pod.ts';
import { LifecycleJournal } from '../steps/lifecycle-journal.ts';
import type { KnownPod } from '../verdict/known-pod.ts';
import type { PodView } from '../verdict/pod-view.ts';
import type { Retry, TaskVerdict } from '../verdict/verdict.ts';
import { awaitVerdict } from './await-verdict.ts';
import { drainLogs } from './drain-logs.ts';
import { isReported, reportOf } from './orchestrator-report.ts';
import type { PodPast } from './pod-past.ts';
import { hasBegun, settleRetry } from './settle-retry.ts';
import { leftoverGraceSecondsOf, mayRun, stopPod } from './stop-pod.ts';
import { TaskGoneError, type TaskLife } from './task-life.ts';
import { tellWhilePending } from './tell-while-pending.ts';

/** A task whose Pod exists. */
export interface TaskWithPod {
  readonly life: TaskLife;
  readonly pod: KnownPod;
  readonly hasRegistrySecret: boolean;
  /** On the monotonic clock, ms. Undefined for a task that was taken over. */
  readonly claimedMs: number | undefined;
  readonly past: PodPast;
}

/**
 * Watches a task's Pod until there is a verdict, reports it, and then deletes the task's objects. The order ensures
 * that the Pod of an unreported task is still there to be judged. A task that is gone is only cleaned up. If a task is
 * to be handed back although its Pod runs or may still start, the Pod is deleted first: otherwise the task might run
 * twice. Then either its orchestrator or this program reports it.
 *
 * @throws the signal's reason: the task continues without us
 */
export async function superviseTask(task: TaskWithPod, signal: AbortSignal): Promise<void> {
  const { hasRegistrySecret, life, pod } = task;
  const { context } = life;
  const over = await watchPod(task, signal);
  if (over === undefined) return await life.abandon({ pod, hasRegistrySecret }, signal);
  const { verdict, view } = over;
  // Before the Pod is stopped, which may take minutes. Meanwhile the class may claim.
  if (verdict.kind === 'failed') noteStart(life, verdict.retry);
  const isLost = verdict.kind === 'failed' && verdict.reason === 'node-lost';
  const handsBack = verdict.kind === 'failed' && life.mayHandBack(verdict.retry);
  const stops = handsBack && !isLost && mayRun(view);
  const stopped = stops
    ? await stopPod(view.pod ?? pod, context, signal)
    : { last: view, isRefused: false, hadNoNode: false };
  const { last } = stopped;
  if (stops && hasBegun(last)) life.noteRunning();
  if (verdict.kind === 'done') {
    await life.endAsReported(reportOf(last));
  } else {
    for (const line of describePod(view.pod ?? pod, view.events)) life.tell(line);
    if (isReported(last)) await life.endAsReported(reportOf(last), verdict);
    else {
      const settled = await settleRetry(verdict, stopped, context, signal);
      await life.fail({ reason: verdict.reason, ...settled }, signal);
    }
  }
  await drainLogs(context.watch, last, signal);
  const left = last.gone ? undefined : (last.pod ?? pod);
  const graceSeconds = isLost || (stops && mayRun(last)) ? 0 : leftoverGraceSecondsOf(pod);
  await life.cleanUp({ pod: left, hasRegistrySecret, graceSeconds }, signal);
}

/** Tells the pauses of the class what a failure says about the start of the task. One that is the job's says nothing. */
function noteStart(life: TaskLife, retry: Retry): void {
  if (retry === 'always') life.noteFailedStart();
  else if (retry === 'if-unsafe') life.noteRunning();
}

/** Reports what happens to a task's Pod until there is a verdict. @returns undefined if the task is gone before that */
async function watchPod(task: TaskWithPod, signal: AbortSignal) {
  const { life, past, pod } = task;
  const { patience, watch } = life.context;
  const tell = (line: string) => life.tell(line);
  const journal = new LifecycleJournal(tell);
  const milestones = new Milestones(task);
  let isPending = true;
  const listener = (view: PodView, verdict: TaskVerdict) => {
    isPending = verdict.kind === 'pending';
    journal.look(view);
    milestones.look(view, verdict);
  };
  const over = new AbortController();
  const ended = AbortSignal.any([signal, life.taskGone]);
  const telling = tellWhilePending(() => isPending, tell, AbortSignal.any([ended, over.signal]));
  try {
    return await awaitVerdict(watch, pod, patience, listener, ended, past);
  } catch (error) {
    if (error instanceof TaskGoneError) return undefined;
    throw error;
  } finally {
    over.abort();
    await telling;
  }
}

/** Measures when a Pod is scheduled and when it runs, each once. */
class Milestones {
  readonly #task: TaskWithPod;
  readonly #reached = new Set<'scheduled' | 'running'>();

  constructor(task: TaskWithPod) {
    this.#task = task;
  }

  look({ pod }: PodView, verdict: TaskVerdict): void {
    const node = pod?.spec?.nodeName;
    if (node) {
      this.#task.life.noteNode(node);
      this.#reach('scheduled');
    }
    if (verdict.kind !== 'running') return;
    this.#task.life.noteRunning();
    this.#reach('running');
  }

  #reach(state: 'scheduled' | 'running'): void {
    const { claimedMs, life } = this.#task;
    if (claimedMs === undefined || this.#reached.has(state)) return;
    this.#reached.add(state);
    const seconds = (performance.now() - claimedMs) / 1000;
    life.context.metrics.podReached(life.record?.resourceClass ?? '', state, seconds);
  }
}
