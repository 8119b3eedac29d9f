import { Readable } from 'node:stream';
import { runCommand } from '../../run-command.ts';
import { waitFor } from '../../testing/wait-for.ts';
import { places } from '../places.ts';
import type { ImageContent } from './image.ts';
import { writeImageArchive } from './oci-archive.ts';

/** How containerd marks an image that the kubelet can see: it hears of a new one some moments later. */
const seenByKubelet = 'io.cri-containerd.image=managed';

/** Makes an image and gives it to the cluster. @param name as Pods have it, with the registry and the tag */
export async function loadImage(name: string, content: ImageContent): Promise<void> {
  await loadArchive(Readable.from(writeImageArchive(name, content)));
}

/** Gives the cluster the images of an archive, of `docker save` or an OCI archive. */
export async function loadArchive(archive: Readable): Promise<void> {
  await ctr(['images', 'import', '-'], archive);
  await waitFor('the kubelet to see the images', async () => {
    const [, ...lines] = (await ctr(['images', 'list'])).trimEnd().split('\n');
    return lines.every((line) => line.includes(seenByKubelet));
  });
}

/** The names of the images that the cluster has. */
export async function listImages(): Promise<string[]> {
  const names = (await ctr(['images', 'list', '--quiet'])).trimEnd().split('\n');
  return names.filter((name) => name !== '' && !name.startsWith('sha256:'));
}

function ctr(args: readonly string[], input: Readable | string = ''): Promise<string> {
  return runCommand(['ctr', '--address', places.containerdSocket, '--namespace', 'k8s.io', ...args], {
    input,
  });
}
