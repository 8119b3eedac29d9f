import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { chmod, link, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Environment } from '../../environment.ts';
import { encodeExecRequest } from '../../launcher/exec-request.ts';
import { execRequest, openRequest } from './exec-step.ts';
import { isRoot } from './is-root.ts';
import { packedProbe } from './packed-probe.ts';

export interface RunOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** The user to run as, for tests that are run by root. */
  readonly uid?: number | undefined;
  /** Another program than the executable. */
  readonly program?: string;
  /** A shell command that is run in the new namespaces before the program, `$0` being the root folder. */
  readonly before?: string;
}

export interface RunResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const mountProc = 'mount -t proc proc "$0/proc"';

/** A folder that serves as the root of a container with nothing in it but the executable, and what a test adds. */
export class BareImage {
  readonly root: string;

  private constructor(root: string) {
    this.root = root;
  }

  static async create(executable = packedProbe()): Promise<BareImage> {
    // Beside the executable, so that a link does instead of a copy of 120 MB.
    const image = new BareImage(await mkdtemp(join(dirname(packedProbe()), 'image-')));
    await chmod(image.root, 0o755);
    await mkdir(join(image.root, 'proc'));
    await link(executable, join(image.root, 'probe'));
    await link(executable, join(image.root, 'probe-exec'));
    return image;
  }

  async addFile(path: string, content: string | Buffer): Promise<void> {
    await mkdir(dirname(join(this.root, path)), { recursive: true });
    await writeFile(join(this.root, path), content);
  }

  /**
   * Starts the executable as PID 1 of new PID and mount namespaces; the child that is returned is its parent. Its own
   * exec step hands it the environment, which the tools of this machine would otherwise fall victim to.
   */
  start(parameters: readonly string[], options: RunOptions = {}): ChildProcess {
    const userNamespace = isRoot ? [] : ['--user', '--map-root-user'];
    const user = options.uid === undefined ? '' : `--userspec=${options.uid}:${options.uid}`;
    const enter = `exec env PATH=/ "$(command -v chroot)" ${user} "$0" probe-exec`;
    const flags = [...userNamespace, '--mount', '--pid', '--fork', '--kill-child'];
    const program = options.program ?? '/probe';
    const request = openRequest(
      encodeExecRequest(
        execRequest(program, {
          argv: [program, ...parameters],
          environment: Environment.fromObject(options.environment ?? {}),
          parentPid: 0,
        }),
      ),
    );
    try {
      return spawn(
        'unshare',
        [...flags, 'sh', '-c', `${options.before ?? mountProc} && ${enter}`, this.root],
        {
          stdio: ['ignore', 'pipe', 'pipe', request, 'ignore'],
        },
      );
    } finally {
      closeSync(request);
    }
  }

  /** Starts the executable and waits for its end. */
  async run(parameters: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    const child = this.start(parameters, options);
    if (!child.stdout || !child.stderr) throw new Error('unshare was started without pipes');
    const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
    const [stdout, stderr, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
    return { stdout, stderr, exitCode };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.root, { recursive: true });
  }
}
