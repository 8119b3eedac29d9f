import { copyFile, link, mkdir, mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hostArchitecture } from '../../../packer/architecture.ts';
import { repository } from '../../../packer/repository.ts';
import { docker } from './docker.ts';
import { downloadFolder } from './packages.ts';

/** Builds the runner-init image for this machine, with the task agent of that image. */
export async function buildRunnerInit(image: string, executable: string, agentImage: string): Promise<void> {
  const parts = { dockerfile: 'Dockerfile', program: 'orchestrator', executable };
  await buildProductImage(image, parts, [`TASK_AGENT=${agentImage}`]);
}

/** Builds the container-agent image for this machine. */
export async function buildContainerAgent(image: string, executable: string): Promise<void> {
  const parts = { dockerfile: 'container-agent.Dockerfile', program: 'container-agent', executable };
  await buildProductImage(image, parts);
}

/** The parts of a product image. */
interface ProductParts {
  /** A file in the root of the repository. */
  readonly dockerfile: string;
  /** The name under which it takes the executable. */
  readonly program: string;
  readonly executable: string;
}

async function buildProductImage(
  image: string,
  { dockerfile, executable, program }: ProductParts,
  variables: readonly string[] = [],
): Promise<void> {
  const architecture = hostArchitecture();
  await mkdir(downloadFolder, { recursive: true });
  await using folder = await mkdtempDisposable(join(downloadFolder, 'context-'));
  const context = folder.path;
  const place = join(context, 'target', 'bin', 'linux', architecture, program);
  await mkdir(dirname(place), { recursive: true });
  await link(executable, place).catch(() => copyFile(executable, place));
  for (const file of ['LICENSE', 'THIRD_PARTY_LICENSES', '.dockerignore']) {
    await copyFile(join(repository, file), join(context, file));
  }
  // The image is only for this machine, so engines without BuildKit can build it. They do not know BuildKit's
  // variables.
  const instructions = await readFile(join(repository, dockerfile), 'utf8');
  await writeFile(join(context, 'Dockerfile'), instructions.replace(/--platform=\S+ /, ''));
  const values = [`TARGETARCH=${architecture}`, ...variables];
  const parameters = values.flatMap((value) => ['--build-arg', value]);
  await docker(['build', '--quiet', ...parameters, '--tag', image, context]);
}
