import { pauseAfter } from '../../internal/back-off.ts';
import { registrySecretName } from '../names/names.ts';
import { deletePod, deleteSecrets } from '../objects/delete-objects.ts';
import type { KnownPod } from '../verdict/known-pod.ts';
import { mayRun } from './stop-pod.ts';
import type { TaskContext } from './task-context.ts';

/** The longest pause between two tries to delete the record of a reported task, ms. */
const longestDeleteAgainMs = 30 * 60_000;

/** The objects that are left of a task. */
export interface Remains {
  /** Undefined: there is no Pod. */
  readonly pod: KnownPod | undefined;
  readonly hasRegistrySecret: boolean;
  /** How long the Pod's containers may take to end. Absent: as long as the Pod says. */
  readonly graceSeconds?: number;
}

/** The objects of one task, which are deleted at its end. */
export class TaskObjects {
  readonly #context: TaskContext;
  readonly #locks: readonly string[];
  #isRecordLeft = false;

  /** @param locks the names of the Secrets that say who has had the task */
  constructor(context: TaskContext, locks: readonly string[]) {
    this.#context = context;
    this.#locks = locks;
  }

  /** Whether the task's record could not be deleted, though the task was reported. */
  get isRecordLeft(): boolean {
    return this.#isRecordLeft;
  }

  /**
   * Deletes the task's Secrets, then its Pod, if there is one. So a Pod without Secrets shows that its task was
   * reported. If Pods are to be kept, one whose orchestrator still runs, or may still start, is deleted all the same:
   * nobody waits for it any more, and it would keep its port for SSH and its share of a node.
   *
   * @param podName also the name of the task's record
   */
  async delete(
    podName: string,
    { graceSeconds, hasRegistrySecret, pod }: Remains,
    signal: AbortSignal,
  ): Promise<void> {
    const { client, keepPods, logger } = this.#context;
    const secrets = hasRegistrySecret ? [podName, registrySecretName(podName)] : [podName];
    this.#isRecordLeft = !(await deleteSecrets(client, secrets, logger, signal));
    const isKept = keepPods && pod !== undefined && !mayRun({ pod, gone: false });
    if (pod !== undefined && !isKept) await deletePod(client, pod, graceSeconds, logger, signal);
    if (this.#isRecordLeft) void this.#deleteLater(podName, secrets, signal);
    else await deleteSecrets(client, this.#locks, logger, signal);
  }

  /**
   * Tries again to delete the record, because the right to do so may come back. Until then this process keeps the task
   * from its own sweep, and the locks keep it from the sweeps of others: they would report the task again.
   */
  async #deleteLater(podName: string, secrets: readonly string[], signal: AbortSignal): Promise<void> {
    const { client, deleteAgainMs, logger, watch } = this.#context;
    const backoff = { first: deleteAgainMs, longest: longestDeleteAgainMs };
    let isDone = false;
    for (let failures = 1; !isDone && !signal.aborted; failures++) {
      await pauseAfter(failures, backoff, undefined, signal);
      isDone = await deleteSecrets(client, secrets, logger, signal, { ...backoff, tries: 1 });
    }
    if (!isDone) return;
    await deleteSecrets(client, this.#locks, logger, signal);
    watch.unfollow(podName);
  }
}
