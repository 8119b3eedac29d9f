import type { KnownEvent, KnownPod } from './known-pod.ts';

/** What the API server has shown of one Pod so far. */
export interface PodView {
  /** The Pod as last seen. Undefined if it was never seen. */
  readonly pod: KnownPod | undefined;
  /** The Pod is gone for certain: its deletion was watched, or the API server was asked. */
  readonly gone: boolean;
  /** The Pod is gone, and its end was not seen: more may have happened than its last state shows. */
  readonly endMissed: boolean;
  /** The events about the Pod, oldest first. */
  readonly events: readonly KnownEvent[];
}
