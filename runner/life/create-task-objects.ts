import type { Pod, Secret } from 'kubernetes-types/core/v1.d.ts';
import { defaultBackoff } from '../../internal/back-off.ts';
import type { JsonObject } from '../../internal/json.ts';
import { SecretMask } from '../../internal/secrets/secret-mask.ts';
import { type CreateTries, createObject, NotCreatedError } from '../objects/create-object.ts';
import { wordsOf } from '../objects/words-of.ts';
import type { PodPlan } from '../pod/pod-plan.ts';
import { buildSecrets, secretsOf } from '../pod/task-secrets.ts';
import { type KnownPod, knownPod } from '../verdict/known-pod.ts';
import type { PodEvents } from '../watch/pod-events.ts';
import { requireLogging } from './require-logging.ts';
import type { TaskLife } from './task-life.ts';
import { belongsTo, type TaskRecord } from './task-record.ts';

const pauseReasons = {
  full: 'a quota of the namespace is used up',
  later: 'the Kubernetes API does not take its Pods',
} as const;

/**
 * Creates the Secrets of a task, then its Pod. The Secrets come first, because with them the task's record outlives
 * this process. While the API server does not accept them, the class claims nothing.
 *
 * @throws NotCreatedError, TaskGoneError, or the signal's reason
 */
export async function createTaskObjects(
  plan: PodPlan,
  pod: JsonObject,
  record: TaskRecord,
  life: TaskLife,
  signal: AbortSignal,
): Promise<KnownPod> {
  const { client, createLimitMs, logger, pauses, podEvents, watch } = life.context;
  let resume: (() => void) | undefined;
  let lastWords = '';
  const tries: CreateTries<KnownPod | Secret> = {
    untilMs: performance.now() + createLimitMs,
    backoff: defaultBackoff,
    isOurs: (object) => belongsTo(object, record),
    unwanted: life.taskGone,
    onDelay: (problem, words) => {
      resume ??= pauses.pause(record.resourceClass, pauseReasons[problem]);
      const isNew = words !== lastWords;
      if (isNew) logger.warn('the objects of a task could not be created yet', { error: words });
      // Every try is reported in the step: only the answer to a report shows that the task was cancelled.
      life.tell(
        isNew
          ? `The Kubernetes API does not create the task's objects yet. It said: ${words}`
          : "The Kubernetes API still does not create the task's objects.",
      );
      lastWords = words;
    },
  };
  using trace = watch.trace(plan.podName);
  const pods = {
    create: async (...request: Parameters<typeof client.pods.create>) =>
      knownPod(await client.pods.create(...request)),
    get: async (...request: Parameters<typeof client.pods.get>) =>
      knownPod(await client.pods.get(...request)),
  };
  try {
    // A refusal of a Secret may quote it.
    const clean = (words: string) => new SecretMask(secretsOf(plan)).mask(words);
    for (const secret of buildSecrets(plan)) {
      await createObject(client.secrets, secret, { ...tries, clean }, signal);
      // The first one is the record.
      life.noteRecorded();
    }
    await requireLogging(plan, client, signal);
    const findTrace = async (waiting: AbortSignal) =>
      trace.pod ?? (await findEvidence(pod, plan.podName, podEvents, waiting));
    return await createObject(pods, pod, { ...tries, findTrace }, signal);
  } catch (error) {
    // A task that is handed back must not return here at once: that would use up its retries.
    if (error instanceof NotCreatedError && error.problem === 'no-namespace')
      pauses.rest(record.resourceClass, 'the namespace of its Pods is being deleted, or gone');
    throw error;
  } finally {
    resume?.();
  }
}

/**
 * A Pod that was created and is gone may never have been shown: the watch may have been broken at that time. Then its
 * events show that it existed.
 *
 * @param pod as it was to be created
 * @returns the Pod, without anything that happened to it. Undefined: there is no sign of it
 * @throws NotCreatedError if the events cannot be listed, or the signal's reason
 */
async function findEvidence(
  pod: JsonObject,
  name: string,
  podEvents: PodEvents,
  signal: AbortSignal,
): Promise<KnownPod | undefined> {
  const events = await podEvents.list(name, signal).catch((cause: unknown) => {
    signal.throwIfAborted();
    throw new NotCreatedError(
      `A request to create it was not answered, and nobody knows whether it has run: its events cannot be listed. The Kubernetes API said: ${wordsOf(cause)}. Look at the Role of the controller.`,
      'if-unsafe',
      { cause },
    );
  });
  const [event] = events;
  if (event === undefined) return undefined;
  const { uid } = event.involvedObject;
  const known = knownPod(pod as Pod);
  return { ...known, metadata: { ...known.metadata, ...(uid === undefined ? {} : { uid }) } };
}
