/** A kubelet's repeated words about a waiting container. */
export interface Waiting {
  readonly reason: string;
  readonly message: string;
  /** The kubelet's event about it: reason and message. */
  readonly event?: readonly [reason: string, message: string];
}

/** The orchestrator's report to the runner API before it ends with status 0. */
export type Report = 'success' | 'failure' | 'hand-back';

/** How the primary container ends. */
export type Ending =
  | { readonly kind: 'reports'; readonly report: Report; readonly reason?: 'OOMKilled' }
  /** It makes no report. */
  | { readonly kind: 'exits'; readonly exitCode: number; readonly reason?: string; readonly message?: string }
  /** The runtime cannot execute the program. */
  | { readonly kind: 'cannot-start'; readonly message: string }
  | { readonly kind: 'evicted' | 'preempted' | 'node-shutdown' | 'deleted' }
  /** The node is drained: the orchestrator gets SIGTERM, and reports that. */
  | { readonly kind: 'drained' }
  /** The node falls silent, and somebody deletes the Pod, but no kubelet confirms that. */
  | { readonly kind: 'node-lost' };

/** The events of a Pod's life, in this order. They are data, so they can be printed. Times are in ms. */
export interface Story {
  /** Undefined: no node ever fits. */
  readonly scheduledAfter: number | undefined;
  /** An obstacle before the containers start. It passes, or it stays for ever. */
  readonly obstacle?: { readonly what: Waiting | 'sandbox'; readonly lasts: number | 'for ever' };
  /** The Pod is evicted before its containers start. */
  readonly evictedEarly?: boolean;
  readonly init: { readonly lasts: number; readonly exitCode: number; readonly reason?: 'OOMKilled' };
  /** A disruption is announced while the primary container runs. */
  readonly disruptionAnnounced?: boolean;
  readonly runs: number;
  readonly ending: Ending;
  /** It never starts, and another try would fail, too. */
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
