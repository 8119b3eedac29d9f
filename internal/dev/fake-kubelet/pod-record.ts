import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import type { Story } from './story.ts';

/** How the primary container of a Pod ended, if it has. */
export type PodEnd = 'exit 0' | 'failed' | 'killed' | 'lost';

/** A Pod's story, and what really happened. Times are of the wall clock, ms. */
export interface PodRecord {
  readonly name: string;
  readonly uid: string;
  readonly taskId: string;
  readonly allocation: string;
  readonly story: Story;
  /** When the fake kubelet first saw it. */
  readonly seenMs: number;
  /** When its primary container started. */
  startedMs?: number;
  /** When its primary container ended, for any reason. */
  endedMs?: number;
  end?: PodEnd;
}

/** The story of the Pod of a claim. */
export type StoryOf = (taskId: string, allocation: string) => Story;

export function recordOf({ metadata = {} }: Pod, storyOf: StoryOf): PodRecord {
  const { annotations = {}, name = '', uid = '' } = metadata;
  const taskId = annotations['app.circleci.com/task-id'] ?? '';
  const allocation = annotations['app.circleci.com/allocation'] ?? '';
  return { name, uid, taskId, allocation, story: storyOf(taskId, allocation), seenMs: Date.now() };
}
