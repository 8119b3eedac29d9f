import type { Story } from '../../internal/dev/fake-kubelet/story.ts';

/** A task, and all events for it and its controller beside the blow. */
export interface TaskStory {
  readonly configuration: { readonly docker: readonly object[]; readonly ssh?: object };
  readonly story: Story;
  readonly variables?: Readonly<Record<string, string>>;
  /** The settings of its resource class. */
  readonly resourceClass?: object;
  /** How often the runner API takes it back. Undefined: often. */
  readonly retries?: number;
  /** The API server's answers to the first requests for its Pod. After them, it creates the Pod. */
  readonly refusals?: readonly (readonly [status: number, reason: string, message: string])[];
  /** Another task gets the same SSH port at the same moment. */
  readonly hasRival?: boolean;
  /** The controller gets SIGTERM when it makes this request. */
  readonly drainsAt?: string;
  /** The task is cancelled when the controller makes this request. */
  readonly cancelledAt?: string;
}
