import { type Blob, descriptor, type ImageContent, jsonBlob, makeImage } from './image.ts';
import { type TarEntry, writeTar } from './tar.ts';

/**
 * An archive with one image for this machine, in pieces. Nothing of it is stored.
 * https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md
 *
 * @param name as in Pods, with the registry and the tag
 */
export async function* writeImageArchive(name: string, content: ImageContent): AsyncGenerator<Buffer> {
  const { manifest, config, layer } = await makeImage(content);
  const annotations = { 'io.containerd.image.name': name };
  const index = { schemaVersion: 2, manifests: [{ ...descriptor(manifest), annotations }] };
  const json = 'application/json';
  yield* writeTar([
    toEntry('oci-layout', await jsonBlob(json, { imageLayoutVersion: '1.0.0' })),
    toEntry('index.json', await jsonBlob(json, index)),
    ...[manifest, config, layer].map((blob) => toEntry(`blobs/${blob.digest.replace(':', '/')}`, blob)),
  ]);
}

function toEntry(path: string, { size, content }: Blob): TarEntry {
  return { path, type: 'file', mode: 0o644, size, content };
}
