import { closeSync } from 'node:fs';
import { chmod, type DisposableTempDir, link, mkdir, mkdtempDisposable, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Environment } from '../../environment.ts';
import { encodeExecRequest } from '../../launcher/exec-request.ts';
import { execRequest, openRequest } from './exec-step.ts';
import { packedProbe } from './packed-probe.ts';
import type { EndedProgram, RunningProgram } from './running-program.ts';
import { startProgram } from './start-program.ts';

/** The surroundings of a program in a bare image. */
export interface BareSurroundings {
  readonly environment?: Readonly<Record<string, string>>;
  /** The user to run as, for tests that are run by root. */
  readonly uid?: number | undefined;
  /** Another program than the executable. */
  readonly program?: string;
  /** A shell command that runs in the new namespaces before the program. `$0` is the root folder. */
  readonly before?: string;
}

export const mountProc = 'mount -t proc proc "$0/proc"';

/** A folder as the root of a container. It has only the executable and the files that a test adds. */
export class BareImage implements AsyncDisposable {
  readonly root: string;
  readonly #folder: DisposableTempDir;

  private constructor(folder: DisposableTempDir) {
    this.#folder = folder;
    this.root = folder.path;
  }

  static async create(): Promise<BareImage> {
    // The folder is beside the executable, so a link is enough instead of a large copy.
    const image = new BareImage(await mkdtempDisposable(join(dirname(packedProbe()), 'image-')));
    await chmod(image.root, 0o755);
    await mkdir(join(image.root, 'proc'));
    for (const name of ['probe', 'probe-exec']) await link(packedProbe(), join(image.root, name));
    return image;
  }

  async addFile(path: string, content: string | Buffer): Promise<void> {
    await mkdir(dirname(join(this.root, path)), { recursive: true });
    await writeFile(join(this.root, path), content);
  }

  /**
   * Starts the executable as PID 1 of new PID and mount namespaces. Its own exec step gives it the
   * environment. Otherwise the environment would break the tools of this machine.
   */
  async start(
    parameters: readonly string[],
    { environment = {}, uid, program = '/probe', before = mountProc }: BareSurroundings = {},
  ): Promise<RunningProgram> {
    const user = uid === undefined ? '' : `--userspec=${uid}:${uid}`;
    const enter = `exec env PATH=/ "$(command -v chroot)" ${user} "$0" probe-exec`;
    const request = execRequest(program, {
      argv: [program, ...parameters],
      environment: Environment.fromObject(environment),
      parentPid: 0,
    });
    const file = openRequest(encodeExecRequest(request));
    const starting = startProgram(['sh', '-c', `${before} && ${enter}`, this.root], {
      life: 'pid 1',
      descriptors: [file, 'ignore'],
    });
    return starting.finally(() => closeSync(file));
  }

  /** Starts the executable and waits for its end. */
  async run(parameters: readonly string[], surroundings?: BareSurroundings): Promise<EndedProgram> {
    await using program = await this.start(parameters, surroundings);
    return await program.result();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folder.remove();
  }
}
