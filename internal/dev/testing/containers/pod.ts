import { inject } from 'vitest';
import { hostArchitecture } from '../../../packer/architecture.ts';
import { Container, type ContainerToRun, newName, runContainer, runLabels } from './container.ts';
import { type DockerResult, docker, tryDocker } from './docker.ts';

const agent = `/opt/circleci/linux/${hostArchitecture()}/circleci-agent`;

/** Containers that share a network namespace and a volume at /shared, as in Kubernetes. */
export class Pod implements AsyncDisposable {
  /** The Pod's IP address, which this machine can reach. */
  readonly address: string;
  readonly #sandbox: Container;
  readonly #volume: string;

  private constructor(sandbox: Container, volume: string, address: string) {
    this.#sandbox = sandbox;
    this.#volume = volume;
    this.address = address;
  }

  static async create(): Promise<Pod> {
    const { network } = inject('containers');
    const volume = newName('volume');
    await docker(['volume', 'create', ...runLabels(), volume]);
    const sandbox = await Container.start({
      image: 'agent',
      command: [agent, 'forever'],
      flags: [`--network=${network}`, `--volume=${volume}:/shared`],
    });
    await sandbox.running();
    const address = await sandbox.inspect('{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}');
    return new Pod(sandbox, volume, address);
  }

  /** Runs a container of the Pod to its end. */
  run(toRun: ContainerToRun): Promise<DockerResult> {
    return runContainer(this.#inPod(toRun));
  }

  /** Starts a container of the Pod. */
  start(toRun: ContainerToRun): Promise<Container> {
    return Container.start(this.#inPod(toRun));
  }

  /** Starts a container of the Pod that runs a script of the fake agent. */
  startScript(...script: readonly string[]): Promise<Container> {
    return this.start({ image: 'agent', command: [agent, ...script] });
  }

  /** Makes a file in /shared. */
  async touch(name: string): Promise<void> {
    const { status, stderr } = await this.#sandbox.exec(agent, `touch=/shared/${name}`);
    if (status !== 0) throw new Error(`cannot make /shared/${name}: ${stderr}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sandbox[Symbol.asyncDispose]();
    await tryDocker(['volume', 'rm', '--force', this.#volume]);
  }

  #inPod(toRun: ContainerToRun): ContainerToRun {
    const shared = [`--network=container:${this.#sandbox.name}`, `--volume=${this.#volume}:/shared`];
    return { ...toRun, flags: [...shared, ...(toRun.flags ?? [])] };
  }
}
