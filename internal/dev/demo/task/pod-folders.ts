import { mkdir, mkdtempDisposable, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repository } from '../../../packer/repository.ts';
import { executable } from '../../testing/executable.ts';
import { startProgram } from '../../testing/start-program.ts';
import { sampleAgent } from '../sample-agent.ts';
import { say, type Voice } from '../screen.ts';

/** Folders instead of the image and the volume of a Pod. Disposing of them removes them. */
export interface PodFolders extends AsyncDisposable {
  /** The source of the init container's copies. */
  readonly image: string;
  /** The volume that the init container and the task's container share. */
  readonly volume: string;
  /** Shortens the long paths of this demo in a line. */
  shorten(line: string): string;
}

const sources = join(import.meta.dirname, '..');

export const sampleEntrypoint = join(import.meta.dirname, 'sample-entrypoint.sh');

export async function makePodFolders(): Promise<PodFolders> {
  // /tmp may be mounted noexec, so it is only used if the path of this folder has a space: task_agent_path is
  // split at spaces.
  const parent = repository.includes(' ') ? tmpdir() : join(repository, 'target');
  const { path: folder, remove } = await mkdtempDisposable(join(parent, 'demo-'));
  const [image, volume] = [join(folder, 'image'), join(folder, 'volume')];
  await mkdir(image);
  await mkdir(volume);
  await symlink(executable, join(image, 'orchestrator'));
  await symlink(sampleAgent, join(image, 'circleci-agent'));
  return {
    image,
    volume,
    shorten: (line) => line.replaceAll(folder, '…').replaceAll(sources, '…'),
    [Symbol.asyncDispose]: remove,
  };
}

/**
 * Runs `orchestrator init` as the init container would.
 *
 * @throws Error if it fails, or if the signal aborts
 */
export async function copyBinaries(folders: PodFolders, signal: AbortSignal): Promise<void> {
  const { image, volume, shorten } = folders;
  await using init = await startProgram([join(image, 'orchestrator'), 'init', image, volume]);
  signal.addEventListener('abort', () => init.kill());
  for await (const line of init.stdout.lines()) say(...attribute(shorten(line), 'init'));
  const { status } = await init.ended;
  signal.throwIfAborted();
  if (status !== 0) throw new Error(`init ended with status ${status}\n${init.stderr.text}`);
}

/**
 * Separates the orchestrator's own log lines from its children's lines on the same stdout.
 *
 * @returns the speaker, and the line without the date and the zone
 */
export function attribute(line: string, logger: Voice, others: Voice = logger): [Voice, string] {
  const [, event] = /^\d{4}-\d\d-\d\dT(\d\d:\d\d:\d\d\.\d{3}Z (?:INFO|WARN|ERROR) .*)$/.exec(line) ?? [];
  return event === undefined ? [others, line] : [logger, event.replace('Z ', ' ')];
}
