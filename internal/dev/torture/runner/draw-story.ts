import { untold } from '../../../termination-log.ts';
import { goodStory, type Story, type Waiting } from '../../fake-kubelet/story.ts';
import type { Random } from '../random.ts';

/** The limits of a Pod's story. */
export interface StoryLimits {
  /** Whether it may take minutes, as with a lost node. */
  readonly slow: boolean;
}

const pullEvent = (message: string) => ['Failed', `Failed to pull image "cimg/base": ${message}`] as const;
const refused = 'failed to resolve reference: docker.io/cimg/base:current: not found';
const silent = 'failed to do request: dial tcp: i/o timeout';

const obstacles: Readonly<Record<'fatal' | 'lasting' | 'passing', readonly [Waiting, ...Waiting[]]>> = {
  fatal: [
    { reason: 'InvalidImageName', message: 'Failed to apply default image tag "A:b:c"' },
    { reason: 'ErrImageNeverPull', message: 'Container image is not present with pull policy of Never' },
    { reason: 'ErrImagePull', message: refused, event: pullEvent(refused) },
    { reason: 'CreateContainerConfigError', message: 'configmap "settings" not found' },
    { reason: 'CreateContainerError', message: 'no space left on device' },
  ],
  lasting: [
    { reason: 'ImagePullBackOff', message: 'Back-off pulling image', event: pullEvent(silent) },
    { reason: 'ErrImagePull', message: silent, event: pullEvent(silent) },
  ],
  passing: [
    { reason: 'ContainerCreating', message: '' },
    { reason: 'ErrImagePull', message: silent, event: pullEvent(silent) },
  ],
};

/** Draws the story of a Pod, good or bad. */
export function drawStory(random: Random, { slow }: StoryLimits): Story {
  const story: Story = {
    ...goodStory(random.integer(20, random.chance(0.1) ? 6000 : 1200)),
    scheduledAfter: random.chance(0.7) ? 0 : random.integer(1, 1500),
    init: { lasts: random.integer(0, 300), exitCode: 0 },
  };
  return random.weighted<Story>([
    [20, () => story],
    [3, () => ({ ...story, ending: { kind: 'reports', report: 'failure' } })],
    [2, () => ({ ...story, ending: { kind: 'reports', report: 'hand-back' } })],
    [1, () => ({ ...story, ending: { kind: 'reports', report: 'success', reason: 'OOMKilled' } })],
    [1, () => ({ ...story, disruptionAnnounced: true })],
    [
      2,
      () => ({
        ...story,
        obstacle: { what: random.pick(obstacles.passing), lasts: random.integer(1, 1200) },
      }),
    ],
    [
      2,
      () => ({
        ...{ ...story, isHopeless: true },
        obstacle: { what: random.pick(obstacles.fatal), lasts: 'for ever' },
      }),
    ],
    [1, () => ({ ...story, obstacle: { what: random.pick(obstacles.lasting), lasts: 'for ever' } })],
    [1, () => ({ ...story, obstacle: { what: 'sandbox', lasts: 'for ever' } })],
    // About as long as the controller waits, so either may be first.
    [1, () => ({ ...story, obstacle: { what: 'sandbox', lasts: random.integer(4500, 5500) } })],
    [1, () => ({ ...story, scheduledAfter: random.integer(4500, 5500) })],
    [1, () => ({ ...story, scheduledAfter: undefined })],
    [1, () => ({ ...story, evictedEarly: true })],
    [1, () => ({ ...story, init: { ...story.init, exitCode: 1 } })],
    [1, () => ({ ...story, init: { ...story.init, exitCode: 137, reason: 'OOMKilled' } })],
    [2, () => ({ ...story, ending: { kind: 'exits', exitCode: random.pick([1, 2, 70, 143]) } })],
    [1, () => ({ ...story, ending: { kind: 'exits', exitCode: 137, reason: 'OOMKilled' } })],
    [1, () => ({ ...story, ending: { kind: 'exits', exitCode: 0, reason: 'Completed', message: untold } })],
    [
      1,
      () => ({
        ...{ ...story, isHopeless: true },
        ending: { kind: 'cannot-start', message: 'exec format error' },
      }),
    ],
    [2, () => ({ ...story, ending: { kind: random.pick(['evicted', 'preempted', 'node-shutdown']) } })],
    [1, () => ({ ...story, ending: { kind: 'deleted' } })],
    [2, () => ({ ...story, ending: { kind: 'drained' } })],
    [slow ? 0.5 : 0, () => ({ ...story, ending: { kind: 'node-lost' } })],
  ]);
}
