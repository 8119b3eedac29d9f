import { statSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { binaries as platformBinaries } from '#platform/init/binaries';
import { Failure } from '../internal/failure.ts';
import type { Logger } from '../internal/log/logger.ts';
import type { Binaries, Obstacle } from './binaries.ts';
import { copyBinary } from './copy-binary.ts';
import { initKinds, readFailure, writeFailure } from './init-failure.ts';
import { removePartFiles, replaceFile } from './part-file.ts';

/** The directories of a run, and the files to copy. */
export interface Installation {
  /** The directory that holds the binaries. */
  readonly source: string;
  /** The directory to copy them to: it must exist. */
  readonly destination: string;
  /** The platform's own. Tests may set others. */
  readonly binaries?: Binaries;
}

/**
 * Copies the orchestrator and the task agent to the volume that the task's container shares, and checks that
 * they can be executed there. It may run again at any time, also while the copies are in use or while another
 * run is in progress. Short calls are synchronous: within the small CPU limit, a switch of threads costs more
 * than the call.
 *
 * @param signal ends the run. If its reason is text, such as a signal's name, the failure's message has it
 * @throws Failure of kind init with one line that names the path and the cause. A copy that cannot be
 * executed is reported after everything has been copied.
 */
export async function runInit(
  installation: Installation,
  logger: Logger,
  signal?: AbortSignal,
): Promise<void> {
  const { binaries = platformBinaries } = installation;
  const source = resolve(installation.source);
  const destination = resolve(installation.destination);
  const started = process.uptime();
  inspectDestination(destination);
  removeLeftOvers(destination, logger);

  let total = 0;
  for (const copy of binaries.copies) {
    const from = join(source, copy.from);
    const to = join(destination, copy.to);
    const copyStarted = process.uptime();
    throwIfAborted(signal, to);
    const bytes = await copyBinary(from, to, binaries, async () => {
      await nextTurn(); // Where signals arrive.
      throwIfAborted(signal, to);
    });
    total += bytes;
    logger.info('init: copied', { from, to, bytes, duration_ms: since(copyStarted) });
  }
  if (binaries.link) await makeLink(destination, binaries.link, logger);
  checkCopies(destination, binaries, logger);
  const files = binaries.copies.length;
  logger.info('init: done', { source, destination, files, bytes: total, duration_ms: since(started) });
}

function inspectDestination(destination: string): void {
  const cannotUse = `the destination ${destination} cannot be used`;
  let isDirectory: boolean;
  try {
    isDirectory = statSync(destination).isDirectory();
  } catch (error) {
    throw writeFailure(cannotUse, error);
  }
  if (isDirectory) return;
  throw new Failure(initKinds.init, `${cannotUse}: not a directory; look at where the volume is mounted`);
}

function removeLeftOvers(destination: string, logger: Logger): void {
  const { removed, errors } = removePartFiles(destination);
  for (const file of removed)
    logger.info('init: removed what an interrupted run left', { destination, file });
  for (const error of errors) logger.warn('init: cannot clean up after earlier runs', { destination, error });
}

async function makeLink(
  destination: string,
  link: { name: string; to: string },
  logger: Logger,
): Promise<void> {
  const from = join(destination, link.name);
  const to = join(destination, link.to);
  await replaceFile(from, (part) => symlinkSync(to, part)).catch((error: unknown) => {
    throw writeFailure(`cannot make ${from} a link to ${to}`, error);
  });
  logger.info('init: linked', { from, to });
}

function checkCopies(destination: string, binaries: Binaries, logger: Logger): void {
  const fatal: string[] = [];
  for (const { to } of binaries.copies) {
    const path = join(destination, to);
    const obstacle = findObstacle(path, binaries);
    if (obstacle?.fatal) fatal.push(obstacle.text);
    else if (obstacle) logger.warn('init: a copy may not be executable', { obstacle: obstacle.text });
  }
  if (fatal.length > 0) throw new Failure(initKinds.init, fatal.join('; '));
}

function findObstacle(path: string, binaries: Binaries): Obstacle | undefined {
  try {
    return binaries.findObstacle(path);
  } catch (error) {
    throw readFailure(`cannot check ${path}`, error, 'look at the volume');
  }
}

function throwIfAborted(signal: AbortSignal | undefined, target: string): void {
  if (!signal?.aborted) return;
  const by = typeof signal.reason === 'string' ? ` by ${signal.reason}` : '';
  throw new Failure(initKinds.init, `interrupted${by} before ${target} was in place`, {
    cause: signal.reason,
  });
}

/**
 * @param start s since this process started
 * @returns the time since then, ms, with microseconds
 */
function since(start: number): number {
  return Math.round((process.uptime() - start) * 1e6) / 1000;
}
