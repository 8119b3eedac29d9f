import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { hostArchitecture } from '../../../packer/architecture.ts';
import { type TarEntry, writeTar } from './tar.ts';

/** An image `FROM scratch`. Paths in it are absolute. */
export interface ImageContent {
  /** The files of this machine that it has, with their permissions, by their paths in it. */
  readonly files?: Readonly<Record<string, string>>;
  /** What its symbolic links lead to. */
  readonly links?: Readonly<Record<string, string>>;
  /** The permissions of folders, as far as they are not 755 or a folder has no file. */
  readonly folders?: Readonly<Record<string, number>>;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  /** `uid` or `uid:gid`; root if it is absent. */
  readonly user?: string;
  /** `NAME=value` */
  readonly environment?: readonly string[];
}

interface Blob {
  readonly digest: string;
  readonly size: number;
  content(): AsyncIterable<Buffer> | Iterable<Buffer>;
}

const types = {
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar',
} as const;

/**
 * An archive with one image for this machine, in pieces; nothing of it is stored anywhere.
 * https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md
 *
 * @param name as Pods have it, with the registry and the tag
 */
export async function* writeImageArchive(name: string, content: ImageContent): AsyncGenerator<Buffer> {
  const entries = await layerEntries(content);
  const layer = await toBlob(() => writeTar(entries));
  const config = await toBlob(toJson(configOf(content, layer)));
  const manifest = await toBlob(
    toJson({
      schemaVersion: 2,
      mediaType: types.manifest,
      config: descriptor(types.config, config),
      layers: [descriptor(types.layer, layer)],
    }),
  );
  const annotations = { 'io.containerd.image.name': name };
  const index = { schemaVersion: 2, manifests: [{ ...descriptor(types.manifest, manifest), annotations }] };
  yield* writeTar([
    toEntry('oci-layout', await toBlob(toJson({ imageLayoutVersion: '1.0.0' }))),
    toEntry('index.json', await toBlob(toJson(index))),
    ...[manifest, config, layer].map((blob) => toEntry(`blobs/${blob.digest.replace(':', '/')}`, blob)),
  ]);
}

function configOf({ entrypoint, command, environment, user }: ImageContent, layer: Blob): unknown {
  return {
    architecture: hostArchitecture(),
    os: 'linux',
    config: { Entrypoint: entrypoint, Cmd: command, Env: environment, User: user },
    rootfs: { type: 'layers', diff_ids: [layer.digest] },
  };
}

/** What is in the layer, folders before what they hold. */
async function layerEntries({ files = {}, links = {}, folders = {} }: ImageContent): Promise<TarEntry[]> {
  const entries = new Map<string, TarEntry>();
  const parents = [...Object.keys(files), ...Object.keys(links)].flatMap(parentsOf);
  for (const path of [
    ...parents,
    ...Object.keys(folders).flatMap((folder) => [...parentsOf(folder), folder]),
  ]) {
    entries.set(path, { path: path.slice(1), type: 'folder', mode: folders[path] ?? 0o755 });
  }
  for (const [path, target] of Object.entries(links))
    entries.set(path, { path: path.slice(1), type: 'link', target });
  for (const [path, file] of Object.entries(files)) {
    const { size, mode } = await stat(file);
    const content = () => createReadStream(file);
    entries.set(path, { path: path.slice(1), type: 'file', mode: mode & 0o7777, size, content });
  }
  return [...entries.keys()]
    .sort()
    .map((path) => entries.get(path))
    .filter((entry) => entry !== undefined);
}

/** `/a/b/c` has the parents /a and /a/b. */
function parentsOf(path: string): string[] {
  const slashes = [...path.matchAll(/\//g)].slice(1);
  return slashes.map(({ index }) => path.slice(0, index));
}

function toJson(value: unknown): Blob['content'] {
  return () => [Buffer.from(JSON.stringify(value))];
}

async function toBlob(content: Blob['content']): Promise<Blob> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const piece of content()) {
    hash.update(piece);
    size += piece.length;
  }
  return { digest: `sha256:${hash.digest('hex')}`, size, content };
}

function descriptor(mediaType: string, { digest, size }: Blob) {
  return { mediaType, digest, size };
}

function toEntry(path: string, { size, content }: Blob): TarEntry {
  return { path, type: 'file', mode: 0o644, size, content };
}
