import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { newName, runLabels } from './container.ts';
import { docker } from './docker.ts';

/** The paths that an engine adds to every container. */
const ofEngine = /^(dev|etc|proc|sys|\.dockerenv)/;

/** The paths of an image's files and folders, sorted. */
export async function listFiles(image: string): Promise<string[]> {
  const container = newName('files');
  await docker(['create', '--name', container, ...runLabels(), image]);
  const { stdout } = await promisify(execFile)('sh', ['-c', `docker export ${container} | tar -t`]);
  await docker(['rm', container]);
  return stdout
    .split('\n')
    .filter((name) => name !== '' && !ofEngine.test(name))
    .toSorted();
}
