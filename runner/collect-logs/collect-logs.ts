import { writeFile } from 'node:fs/promises';
import { Informer } from '../../clients/kubernetes/informer.ts';
import { defaultBackoff, pauseAfter } from '../../internal/back-off.ts';
import { atMost, delay } from '../../internal/delay.ts';
import { listContainers, type ObservedContainer } from '../verdict/container.ts';
import { knownPod } from '../verdict/known-pod.ts';
import type { Collection } from './collection.ts';
import { ServiceLog } from './service-log.ts';

/** The time for the rest of a log to arrive when the task is over, ms. */
const lastWordsMs = 8000;

/**
 * Sends the output of a task's services to the runner API until the task is over or the signal aborts. Lets the task
 * begin once every service runs or has ended.
 */
export async function collectLogs(collection: Collection, signal: AbortSignal): Promise<void> {
  const { client, logger, pod, services } = collection;
  const informer = new Informer(client.pods, {
    selection: { fieldSelector: `metadata.name=${pod}` },
    extract: knownPod,
    backoff: defaultBackoff,
    onTrouble: (error) => logger.warn('the Pod cannot be watched', { error }),
  });
  const end = new AbortController();
  const untilEnd = AbortSignal.any([signal, end.signal]);
  const running = informer.run(untilEnd);
  const logs = services.map((service, position) => new ServiceLog(service, position + 1, collection));
  const taskOver = Promise.withResolvers<void>();
  const allUnderWay = Promise.withResolvers<void>();
  const look = () => {
    const seen = informer.get(pod);
    if (seen === undefined) return;
    const containers = listContainers(seen);
    for (const log of logs) log.look(containers);
    if (logs.every((log) => log.isUnderWay)) allUnderWay.resolve();
    if (hasEnded(containers.find(({ role }) => role === 'primary'))) taskOver.resolve();
  };
  informer.listen(look);
  signal.addEventListener('abort', () => taskOver.resolve(), { once: true });
  await Promise.race([openGate(collection, logs, allUnderWay.promise, untilEnd), taskOver.promise]);
  await taskOver.promise;
  await atMost(lastWordsMs, Promise.all(logs.map((log) => log.settle())));
  end.abort();
  await running;
  await Promise.all(logs.map((log) => log.end()));
}

function hasEnded(container: ObservedContainer | undefined): boolean {
  return container?.status?.state?.terminated !== undefined;
}

/** Writes the readiness file, in time even if a service does not start: the task may not need it. */
async function openGate(
  collection: Collection,
  logs: readonly ServiceLog[],
  allUnderWay: Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const { logger, readinessLimitMs } = collection;
  const waiting = () => logs.filter(({ isUnderWay }) => !isUnderWay);
  const fields = () => ({
    containers: waiting()
      .map(({ container }) => container)
      .join(', '),
    limit_ms: readinessLimitMs,
  });
  logger.info('the task waits for its services', fields());
  const limit = new AbortController();
  const late = delay(readinessLimitMs, AbortSignal.any([signal, limit.signal])).then(() => 'late' as const);
  const first = await Promise.race([allUnderWay.then(() => 'started' as const), late]);
  limit.abort();
  if (signal.aborted) return;
  if (first === 'late') {
    logger.warn('the task starts though not every service runs', fields());
    for (const log of waiting()) log.noteLate();
  }
  await writeReadinessFile(collection, signal);
}

/** Tries until it succeeds: the disk of the node may be full for a while. */
async function writeReadinessFile(
  { logger, readinessFile: file }: Collection,
  signal: AbortSignal,
): Promise<void> {
  for (let failures = 1; !signal.aborted; failures++) {
    try {
      await writeFile(file, '');
      logger.info('the task may start', { file });
      return;
    } catch (error) {
      logger.warn('the task cannot start yet: its readiness file cannot be written', { file, error });
      await pauseAfter(failures, defaultBackoff, error, signal);
    }
  }
}
