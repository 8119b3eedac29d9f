import type { StoredObject } from '../../internal/dev/kubernetes-api/object-store.ts';
import type { RunningProgram } from '../../internal/dev/testing/running-program.ts';
import {
  type ControllerApis,
  collection,
  controllerUrl,
  startController,
} from '../../internal/dev/testing/start-controller.ts';
import { waitFor } from '../../internal/dev/testing/wait-for.ts';

/** A process of a controller. */
export interface Replica {
  /** The unique name of the process, even within an instance. Its requests to both APIs show the name. */
  readonly name: string;
  readonly instance: string;
  readonly program: RunningProgram;
}

/** The controllers of a test, each with a Pod in the namespace, and the ends of their processes. */
export class Replicas implements AsyncDisposable {
  readonly #apis: ControllerApis;
  readonly #resources = new AsyncDisposableStack();
  readonly #all = new Map<string, Replica>();
  readonly #ended = new Set<string>();
  readonly #leaving = new Set<string>();
  /** The wrong ends of processes that were not killed. */
  readonly badEnds: string[] = [];

  constructor(apis: ControllerApis) {
    this.#apis = apis;
  }

  /** The name of the process that will start next. */
  nextName(instance: string): string {
    return `${instance}.${this.#all.size}`;
  }

  async start(instance: string, variables: Readonly<Record<string, string>>): Promise<Replica> {
    const name = this.nextName(instance);
    this.#apis.kubernetes.put(collection('pods'), {
      ...{ metadata: { name: instance }, status: { phase: 'Running' } },
    } as StoredObject);
    const program = this.#resources.use(
      await startController({
        ...(await this.#apis.variablesWith(name)),
        ...{ AGENT_NAME: name, KUBE_CONTAINER_AGENT_INSTANCE: instance, MAX_CONCURRENT_TASKS: '1' },
        ...{ KUBE_LOGGING_IMAGE: 'logging', KUBE_LOGGING_SECRET: 'logging-token', O11Y_LEVEL: 'debug' },
        ...variables,
      }),
    );
    const replica = { name, instance, program };
    this.#all.set(name, replica);
    void program.exited.then(({ signal, status }) => {
      this.#ended.add(name);
      if (status !== 0 && signal !== 'SIGKILL') this.badEnds.push(`${name} ended with ${status ?? signal}`);
    });
    return replica;
  }

  /** Whether a process of this name was started, dead or alive. */
  knows(name: string): boolean {
    return this.#all.has(name);
  }

  lives(name: string): boolean {
    return this.#all.has(name) && !this.#ended.has(name);
  }

  /** Whether it got SIGTERM. */
  isLeaving(name: string): boolean {
    return this.#leaving.has(name);
  }

  terminate(name: string): void {
    this.#leaving.add(name);
    this.#all.get(name)?.program.signal('SIGTERM');
  }

  kill(name: string): void {
    this.#all.get(name)?.program.signal('SIGKILL');
  }

  /** Waits until a process that got SIGTERM has noticed it. */
  async drainBegun(name: string): Promise<void> {
    const { program } = this.#all.get(name) ?? {};
    const url = program && `${await controllerUrl(program)}/ready`;
    const text = async () => (url === undefined ? '' : await (await fetch(url)).text());
    await waitFor('the drain', async () => (await text()).includes('"drain"'));
  }

  /** Removes the Pod of a replica whose process is dead. */
  removePod({ instance }: Replica): void {
    this.#apis.kubernetes.remove(collection('pods'), instance);
  }

  /** The lines of all replicas so far. */
  log(): Record<string, unknown>[] {
    const text = [...this.#all.values()].map(({ program }) => program.stdout.text).join('');
    return text.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const name of this.#all.keys()) this.#ended.add(name);
    await this.#resources.disposeAsync();
  }
}
