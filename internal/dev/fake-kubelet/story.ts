/** What a kubelet says of a container that waits, again and again. */
export interface Waiting {
  readonly reason: string;
  readonly message: string;
  /** The event with it, as the kubelet's: its reason and message. */
  readonly event?: readonly [reason: string, message: string];
}

/** What the orchestrator in a Pod tells the runner API before it ends with status 0. */
export type Report = 'success' | 'failure' | 'hand-back';

/** How the primary container ends. */
export type Ending =
  | { readonly kind: 'reports'; readonly report: Report; readonly reason?: 'OOMKilled' }
  /** Without a word to the runner API. */
  | { readonly kind: 'exits'; readonly exitCode: number; readonly reason?: string; readonly message?: string }
  /** The runtime cannot execute its program. */
  | { readonly kind: 'cannot-start'; readonly message: string }
  | { readonly kind: 'evicted' | 'preempted' | 'node-shutdown' | 'deleted' }
  /** Somebody drains the node: the orchestrator is told to end, and reports that. */
  | { readonly kind: 'drained' }
  /** Its node falls silent, and somebody deletes the Pod: nobody confirms that. */
  | { readonly kind: 'node-lost' };

/** What happens to a Pod, in this order; all of it is data, so it can be printed. Times are ms. */
export interface Story {
  /** Undefined: no node ever fits. */
  readonly scheduledAfter: number | undefined;
  /** What is in the way before the containers start. It passes, or it stays for ever. */
  readonly obstacle?: { readonly what: Waiting | 'sandbox'; readonly lasts: number | 'for ever' };
  /** The Pod is evicted before its containers start. */
  readonly evictedEarly?: boolean;
  readonly init: { readonly lasts: number; readonly exitCode: number; readonly reason?: 'OOMKilled' };
  /** A disruption is announced while the primary container runs. */
  readonly disruptionAnnounced?: boolean;
  readonly runs: number;
  readonly ending: Ending;
  /** It never starts, and would not at another try. */
  readonly isHopeless?: boolean;
}

/** The story of a task that succeeds. */
export function goodStory(runs: number): Story {
  return {
    scheduledAfter: 0,
    init: { lasts: 0, exitCode: 0 },
    runs,
    ending: { kind: 'reports', report: 'success' },
  };
}
