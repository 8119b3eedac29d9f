import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { Output } from '../output.ts';
import { waitFor } from '../wait-for.ts';
import { type DockerResult, docker, tryDocker } from './docker.ts';
import { labelsOf } from './labels.ts';

export interface ContainerToRun {
  /** The name of one of the run's own images. */
  readonly image: string;
  readonly command?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** More options of `docker run`. */
  readonly flags?: readonly string[];
}

/** A name for a container or volume of this run. */
export function newName(what: string): string {
  return `${inject('containers').prefix}-${what}-${randomBytes(4).toString('hex')}`;
}

/** The labels of everything that this run makes. */
export function runLabels(): string[] {
  const { prefix, owner } = inject('containers');
  return labelsOf(prefix, owner);
}

/** Runs a container to its end. @param stdin absent: nothing */
export async function runContainer(toRun: ContainerToRun, stdin?: string): Promise<DockerResult> {
  const interactive = stdin === undefined ? [] : ['--interactive'];
  return tryDocker(['run', '--rm', ...interactive, ...parameters(toRun)], stdin);
}

/** A container that runs beside its test. */
export class Container implements AsyncDisposable {
  readonly name: string;
  /** Settles when it has ended and all its output has arrived. */
  readonly ended: Promise<DockerResult>;
  readonly #stdout: Output;
  readonly #stderr: Output;
  #over = false;

  private constructor(name: string) {
    this.name = name;
    const attached = spawn('docker', ['start', '--attach', name], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#stdout = new Output(attached.stdout, 'reads');
    this.#stderr = new Output(attached.stderr, 'reads');
    this.ended = this.#end(attached);
  }

  /** Starts a container. Disposing of it removes it with all processes in it. */
  static async start(toRun: ContainerToRun): Promise<Container> {
    const name = newName('container');
    await docker(['create', '--name', name, ...parameters(toRun)]);
    return new Container(name);
  }

  get stdout(): string {
    return this.#stdout.text;
  }

  get stderr(): string {
    return this.#stderr.text;
  }

  /** Waits for a match in stdout. @throws Error with all of it if the container ends before */
  printed(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#stdout.matched(pattern);
  }

  /** Waits until its first process runs. @returns the pid of this process on this machine */
  async running(): Promise<number> {
    return waitFor(`the start of ${this.name}`, async () => {
      const pid = Number(await this.inspect('{{.State.Pid}}'));
      if (pid === 0 && this.#over) throw new Error(`ended at once:\n${this.stdout}\n${this.stderr}`);
      return pid || undefined;
    });
  }

  inspect(format: string): Promise<string> {
    return docker(['container', 'inspect', '--format', format, this.name]);
  }

  /** Runs another process in it. */
  exec(...command: readonly string[]): Promise<DockerResult> {
    return tryDocker(['exec', this.name, ...command]);
  }

  /** Sends its stop signal, and SIGKILL if it has not ended after that time. Settles at its end. */
  async stop(seconds: number): Promise<void> {
    await docker(['stop', '--time', `${seconds}`, this.name]);
  }

  async kill(signal = 'SIGKILL'): Promise<void> {
    await docker(['kill', '--signal', signal, this.name]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await tryDocker(['rm', '--force', '--volumes', this.name]);
    await this.ended;
  }

  async #end(attached: ChildProcess): Promise<DockerResult> {
    const status = await new Promise<number | null>((resolve, reject) => {
      attached.once('error', reject).once('close', resolve);
    });
    this.#over = true;
    return { status, stdout: this.stdout, stderr: this.stderr };
  }
}

function parameters({ image, command = [], env = {}, flags = [] }: ContainerToRun): string[] {
  const variables = Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
  return [...runLabels(), ...variables, ...flags, `${inject('containers').prefix}/${image}`, ...command];
}
