import { afterAll, expect } from 'vitest';
import { goodStory, type Story } from '../../internal/dev/fake-kubelet/story.ts';
import type { Blow, PlannedBlow } from './controller-life.ts';
import { DeathStage, type Succession } from './death-stage.ts';
import type { Outcome } from './outcome.ts';
import type { TaskStory } from './task-story.ts';

type End = Pick<Outcome, 'state' | 'runs' | 'reports'>;

/** A kind of task, its requests, and its outcome. */
export interface Scenario extends TaskStory {
  /** All of the controller's requests to the two APIs from the claim on, except its watches. */
  readonly requests: readonly string[];
  readonly end: End;
  /** Its outcome if the controller dies after it has deleted the Pod, and before it reports the task. */
  readonly endOnceDeleted?: End;
  /** The request that creates its Pod, if it is not the first that tries to. `none`: it gets no Pod. */
  readonly podComesWith?: 'create pods/TASK' | 'create pods/TASK (2)' | 'none';
}

const well: Story = goodStory(20);
const docker = [{ image: 'cimg/base:current' }];
const succeeded: End = { state: 'succeeded', runs: 1, reports: ['success by the orchestrator'] };
const failed: End = { state: 'failed', runs: 1, reports: ['failure by the controller'] };
/** The test's queue lists tasks that were handed back as cancelled. */
const handedBack: End = { state: 'cancelled', runs: 0, reports: ['hand-back by the controller'] };
const cancelled: End = { state: 'cancelled', runs: 0, reports: [] };
const lost: End = { state: 'claimed', runs: 0, reports: [] };

const begin = ['claim', 'step-start', 'task-configuration', 'list nodes'];
const create = ['create secrets/TASK', 'create pods/TASK'];
const steps = ['step-output', 'step-end'];
const remove = ['delete secrets/TASK', 'delete pods/TASK'];

export const scenarios = {
  'that ends well': {
    configuration: { docker },
    story: well,
    requests: [...begin, ...create, ...steps, ...remove],
    end: succeeded,
  },
  'whose orchestrator is killed': {
    configuration: { docker },
    story: { ...well, ending: { kind: 'exits', exitCode: 137 } },
    requests: [...begin, ...create, ...steps, 'fail', ...remove],
    end: failed,
  },
  'that is handed back': {
    configuration: { docker },
    story: { ...well, init: { lasts: 0, exitCode: 1 } },
    requests: [...begin, ...create, ...steps, 'unclaim', ...remove],
    end: handedBack,
  },
  'that cannot start': {
    configuration: { docker },
    story: {
      ...well,
      obstacle: { what: { reason: 'InvalidImageName', message: 'no such name' }, lasts: 'for ever' },
    },
    requests: [...begin, ...create, 'get pods/TASK', ...steps, 'fail', ...remove],
    end: { ...failed, runs: 0 },
  },
  'for which there is no node': {
    configuration: { docker },
    story: { ...well, scheduledAfter: undefined },
    variables: { RUNNER_SCHEDULING_TIMEOUT: '100ms' },
    requests: [
      ...[...begin, ...create, 'get pods/TASK', 'delete pods/TASK', 'get pods/TASK (2)', ...steps],
      ...['unclaim', 'delete secrets/TASK'],
    ],
    end: handedBack,
  },
  'with services and credentials for a registry': {
    configuration: {
      docker: [{ image: 'cimg/base:current', auth: { username: 'u', password: 'p' } }, { image: 'redis' }],
    },
    story: well,
    requests: [
      ...[...begin, 'create secrets/TASK', 'create secrets/TASK-registry', 'get secrets/logging-token'],
      ...['create pods/TASK', ...steps],
      ...['delete secrets/TASK', 'delete secrets/TASK-registry', 'delete pods/TASK'],
    ],
    end: succeeded,
  },
  'whose configuration cannot be used': {
    configuration: { docker: [{}] },
    story: well,
    requests: ['claim', 'step-start', 'task-configuration', ...steps, 'fail'],
    end: { ...failed, runs: 0 },
  },
  'whose Pod is refused': {
    configuration: { docker },
    story: well,
    refusals: [[422, 'Invalid', 'Pod "x" is invalid: spec.priority: Forbidden']],
    podComesWith: 'none',
    requests: [...begin, ...create, ...steps, 'fail', 'delete secrets/TASK'],
    end: { ...failed, runs: 0 },
  },
  'whose Pod is refused while a quota is used up': {
    configuration: { docker },
    story: well,
    refusals: [[403, 'Forbidden', 'pods "x" is forbidden: exceeded quota: q, requested: pods=1']],
    podComesWith: 'create pods/TASK (2)',
    requests: [...begin, ...create, 'create pods/TASK (2)', ...steps, ...remove],
    end: succeeded,
  },
  'whose retries are used up': {
    configuration: { docker },
    story: { ...well, init: { lasts: 0, exitCode: 1 } },
    retries: 0,
    requests: [...begin, ...create, ...steps, 'unclaim', 'fail', ...remove],
    end: { ...failed, runs: 0 },
  },
  'that may be run again': {
    configuration: { docker },
    story: { ...well, ending: { kind: 'exits', exitCode: 137 } },
    resourceClass: { enableUnsafeRetries: true },
    requests: [...begin, ...create, ...steps, 'unclaim', ...remove],
    end: { ...handedBack, runs: 1 },
  },
  'with services whose images cannot be pulled': {
    configuration: {
      docker: [{ image: 'cimg/base:current', auth: { username: 'u', password: 'p' } }, { image: 'redis' }],
    },
    story: {
      ...well,
      obstacle: {
        what: { reason: 'ErrImagePull', message: 'dial tcp 192.0.2.1:443: i/o timeout' },
        lasts: 'for ever',
      },
    },
    variables: { RUNNER_IMAGE_PULL_TIMEOUT: '100ms' },
    requests: [
      ...[...begin, 'create secrets/TASK', 'create secrets/TASK-registry', 'get secrets/logging-token'],
      ...['create pods/TASK', 'get pods/TASK', 'delete pods/TASK', 'get nodes/node-a', ...steps, 'unclaim'],
      ...['delete secrets/TASK', 'delete secrets/TASK-registry'],
    ],
    end: handedBack,
    // Nobody has seen the end of its Pod, so its steps may have run.
    endOnceDeleted: { ...failed, runs: 0 },
  },
  'with an SSH port that another task gets, too': {
    configuration: { docker, ssh: { enabled: true } },
    story: { ...well, scheduledAfter: undefined },
    hasRival: true,
    variables: {
      ...{ KUBE_SSH_IS_ENABLED: 'true', KUBE_SSH_GATEWAY_NAME: 'gate', KUBE_SSH_SERVICE_NAME: 'entrance' },
    },
    requests: [
      ...[...begin, 'get gateway.networking.k8s.io/gateways/gate', 'get services/entrance', 'list pods'],
      ...[...create, 'list pods (2)', 'list pods (3)', 'delete pods/TASK', 'get pods/TASK', ...steps],
      ...['unclaim', 'delete secrets/TASK'],
    ],
    end: handedBack,
  },
  'with SSH': {
    configuration: { docker, ssh: { enabled: true } },
    story: well,
    variables: {
      ...{ KUBE_SSH_IS_ENABLED: 'true', KUBE_SSH_GATEWAY_NAME: 'gate', KUBE_SSH_SERVICE_NAME: 'entrance' },
    },
    requests: [
      ...[...begin, 'get gateway.networking.k8s.io/gateways/gate', 'get services/entrance', 'list pods'],
      ...[...create, 'list pods (2)', ...steps, ...remove],
    ],
    end: succeeded,
  },
  'that is cancelled': {
    configuration: { docker },
    story: { ...well, scheduledAfter: undefined },
    cancelledAt: 'create pods/TASK',
    requests: [...begin, ...create, 'step-output', 'delete pods/TASK', 'delete secrets/TASK'],
    end: cancelled,
  },
  'that is waited for in a drain': {
    configuration: { docker },
    story: well,
    drainsAt: 'create pods/TASK',
    requests: [...begin, ...create, ...steps, ...remove],
    end: succeeded,
  },
  'that comes after the drain began': {
    configuration: { docker },
    story: well,
    drainsAt: 'claim',
    requests: ['claim', 'step-start', 'task-configuration', ...steps, 'unclaim'],
    end: handedBack,
  },
} as const satisfies Readonly<Record<string, Scenario>>;

/** The blows at each request of a task. Most tasks begin alike, so only one of them tests the beginning. */
export function blowsOf(scenario: Scenario, kinds: readonly Blow[]): PlannedBlow[] {
  const beginsAlike = scenario !== scenarios['that ends well'] && scenario.drainsAt !== 'claim';
  return scenario.requests
    .filter((request) => !beginsAlike || !begin.includes(request))
    .flatMap((request) => kinds.map((kind) => ({ kind, request })));
}

/**
 * The required outcome of a task whose controller was struck after these requests. The claim ends in exactly one way:
 * run once and reported once, or handed back once. If there is no record of it yet, it is lost until the runner API's
 * own time is over. Nothing of it is left.
 */
export function expected(
  { cancelledAt, end, endOnceDeleted = end, podComesWith = 'create pods/TASK', retries }: Scenario,
  { kind, request }: PlannedBlow,
  effects: readonly string[],
): object {
  const has = (name: string) => effects.includes(name);
  const isDead = kind.startsWith('SIGKILL');
  const isRecorded = has('create secrets/TASK');
  const hasReported = has('unclaim') || has('fail');
  const becomes = () => {
    if (kind === 'SIGTERM at') return request === 'claim' ? handedBack : end;
    if (cancelledAt !== undefined && (has(cancelledAt) || request === cancelledAt)) return end;
    if (!has('claim') || hasReported) return end;
    if (has('delete pods/TASK')) return endOnceDeleted;
    if (has(podComesWith)) return end;
    if (!isRecorded) return lost;
    return retries === 0 ? { ...failed, runs: 0 } : handedBack;
  };
  return {
    ...becomes(),
    ...{ claims: 1, left: [] },
    takeovers: isDead && isRecorded && !has('delete secrets/TASK') ? 1 : 0,
  };
}

/** A stage for the tests of a `describe`. It ends with them. */
export function stageFor(scenario: Scenario, succession: Succession): () => Promise<DeathStage> {
  let stage: Promise<DeathStage> | undefined;
  afterAll(async () => {
    const made = await stage;
    const misconduct = await made?.misconduct();
    await made?.[Symbol.asyncDispose]();
    expect(misconduct ?? []).toEqual([]);
  });
  return () => (stage ??= DeathStage.start(scenario, succession));
}
