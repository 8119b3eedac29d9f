import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import * as z from 'zod/mini';
import { findProblem } from '../schema/describe-issue.ts';
import type { SweepContext } from './sweep-context.ts';

/** A Pod of which nobody can tell whether its task runs. */
export interface MalformedPod {
  /** Undefined if it has no name. */
  readonly podName: string | undefined;
  /** What is wrong with it. */
  readonly problem: string;
}

export class MalformedPodError extends Error implements MalformedPod {
  override readonly name = 'MalformedPodError';
  readonly podName: string;
  readonly problem: string;

  constructor(podName: string, problem: string) {
    super(`the Pod ${podName} is malformed: ${problem}`);
    this.podName = podName;
    this.problem = problem;
  }
}

const containers = z.optional(z.array(z.object({ name: z.string() })));
const state = z.object({ running: z.optional(z.object({})) });
const statuses = z.optional(z.array(z.object({ name: z.string(), state: z.optional(state) })));
const podShape = z.object({
  spec: z.optional(z.object({ initContainers: containers, containers })),
  status: z.optional(z.object({ initContainerStatuses: statuses, containerStatuses: statuses })),
});

/**
 * Reads the whole Pod of a task. A sweep lists only metadata.
 *
 * @returns undefined if there is none with this name
 * @throws MalformedPodError, KubernetesError, NoAnswerError, or the signal's reason
 */
export async function readPod(
  name: string,
  { client }: SweepContext,
  signal: AbortSignal,
): Promise<Pod | undefined> {
  const pod = await client.pods.find(name, signal);
  const problem = pod && findProblem(podShape, pod);
  if (problem !== undefined) throw new MalformedPodError(name, problem);
  return pod;
}
