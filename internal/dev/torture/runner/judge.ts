import type { PodRecord } from '../../fake-kubelet/pod-record.ts';
import type { RecordedClaim, RecordedReport } from '../../runner-api/queue/recorded-queue.ts';
import type { TaskView } from '../../runner-api/queue/task-view.ts';

/** One claim of a task, and its outcome. */
export interface ObservedClaim {
  readonly allocation: string;
  readonly claim: RecordedClaim;
  readonly reports: readonly RecordedReport[];
  /** When a controller last wrote to one of its steps. */
  readonly lastStepMs: number;
  readonly pods: readonly PodRecord[];
}

/** A task after everything is over. */
export interface ObservedTask {
  readonly state: TaskView['state'];
  readonly retriesLeft: number;
  /** Whether it may be handed back even if steps may have run. */
  readonly unsafeRetries: boolean;
  readonly claims: readonly ObservedClaim[];
}

/** When the processes of instances were killed, by name, on the wall clock, ms. */
export type Deaths = ReadonlyMap<string, readonly number[]>;

/** The longest time from the claim to the Secret, with an outage of the API server, ms. A death during it loses the task. */
const beforeSecretMs = 60_000;

/** How long a request may still be on its way after its sender has died, ms: a busy machine may be slow to read it. */
const inFlightMs = 5000;

/** The faults in a task's story, in words. */
export function judgeStory(task: ObservedTask, deaths: Deaths): string[] {
  const last = task.claims.at(-1);
  const isOver = task.state === 'succeeded' || task.state === 'failed' || task.state === 'cancelled';
  return [
    ...(isOver || (last && isForgivablyLost(task, last, deaths)) ? [] : [`it is ${task.state} for ever`]),
    ...task.claims.flatMap((claim) => judgeClaim(claim, task, deaths)),
    ...findOverlaps(task.claims.flatMap(({ pods }) => pods)),
  ];
}

/** Whether nobody could know of the claim: the answer was lost, or the controller died before there was a record. */
export function isForgivablyLost(
  { state }: Pick<ObservedTask, 'state'>,
  { claim, pods, reports }: ObservedClaim,
  deaths: Deaths,
): boolean {
  if (state !== 'claimed' || pods.length > 0 || reports.length > 0) return false;
  const died = deaths
    .get(claim.runner)
    ?.some((at) => at > claim.atMs - inFlightMs && at < claim.atMs + beforeSecretMs);
  return claim.lost || died === true;
}

function judgeClaim(
  { claim, lastStepMs, pods, reports }: ObservedClaim,
  { retriesLeft, unsafeRetries }: ObservedTask,
  deaths: Deaths,
): string[] {
  const problems: string[] = [];
  if (pods.length > 1) problems.push(`one claim had ${pods.length} Pods`);
  const [pod] = pods;
  const ours = reports.filter(({ by }) => by === 'controller');
  const taken = ours.find((report) => report.taken);
  if (taken === undefined) return problems;
  const again = ours.find(({ atMs }) => atMs > taken.atMs);
  if (again && taken.heard && !somebodyDied(deaths, taken.atMs, again.atMs))
    problems.push(`a ${again.what} followed the ${taken.what}`);
  // A controller that takes a task over cannot know that the task was reported.
  if (lastStepMs > taken.atMs && !somebodyDied(deaths, taken.atMs, lastStepMs))
    problems.push(`its step went on after the ${taken.what}`);
  if (pod?.startedMs === undefined) {
    const isWrong = taken.what === 'failure' && retriesLeft > 0 && !pod?.story.isHopeless;
    // It also cannot know that a deleted Pod never ran.
    if (isWrong && !somebodyDied(deaths, claim.atMs, taken.atMs))
      problems.push('it failed although no step can have run');
    return problems;
  }
  const { end, endedMs = Number.POSITIVE_INFINITY, startedMs } = pod;
  if (startedMs > taken.atMs) problems.push(`its Pod started after the ${taken.what}`);
  else if (endedMs > taken.atMs && end !== 'lost') problems.push(`the ${taken.what} came while its Pod ran`);
  else if (end === 'exit 0') problems.push(`the ${taken.what} came although its orchestrator had ended well`);
  if (taken.what === 'hand-back' && !unsafeRetries)
    problems.push('it was handed back although steps may have run');
  return problems;
}

/** Whether a controller died meanwhile. Only then may a successor report something again. */
function somebodyDied(deaths: Deaths, fromMs: number, toMs: number): boolean {
  return [...deaths.values()].flat().some((at) => at > fromMs - inFlightMs && at <= toMs);
}

function findOverlaps(pods: readonly PodRecord[]): string[] {
  const runs = pods
    .flatMap(({ end, endedMs, name, startedMs }) =>
      startedMs === undefined || end === 'lost' ? [] : [{ name, startedMs, endedMs: endedMs ?? Infinity }],
    )
    .sort((a, b) => a.startedMs - b.startedMs);
  return runs.flatMap(({ name, startedMs }, index) => {
    const before = runs[index - 1];
    return before && before.endedMs > startedMs ? [`${name} ran while ${before.name} did`] : [];
  });
}
