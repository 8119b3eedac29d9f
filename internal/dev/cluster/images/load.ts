import { Readable } from 'node:stream';
import { runCommand } from '../../run-command.ts';
import { waitFor } from '../../testing/wait-for.ts';
import { places } from '../places.ts';
import type { ImageContent } from './image.ts';
import { writeImageArchive } from './oci-archive.ts';

/** containerd's mark on an image that the kubelet can see. It comes a few moments after the image. */
const seenByKubelet = 'io.cri-containerd.image=managed';

/** Makes an image and loads it into the cluster. @param name as in Pods, with the registry and the tag */
export async function loadImage(name: string, content: ImageContent): Promise<void> {
  await loadArchive(Readable.from(writeImageArchive(name, content)));
}

/** Loads the images of an archive into the cluster: of `docker save`, or an OCI archive. */
export async function loadArchive(archive: Readable): Promise<void> {
  await ctr(['images', 'import', '-'], archive);
  await waitFor('the kubelet to see the images', async () => {
    const [, ...lines] = (await ctr(['images', 'list'])).trimEnd().split('\n');
    return lines.every((line) => line.includes(seenByKubelet));
  });
}

/** The names of the cluster's images. */
export async function listImages(): Promise<string[]> {
  const names = (await ctr(['images', 'list', '--quiet'])).trimEnd().split('\n');
  return names.filter((name) => name !== '' && !name.startsWith('sha256:'));
}

function ctr(args: readonly string[], input: Readable | string = ''): Promise<string> {
  return runCommand(['ctr', '--address', places.containerdSocket, '--namespace', 'k8s.io', ...args], {
    input,
  });
}
