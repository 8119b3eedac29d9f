import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { hostArchitecture } from '../../../packer/architecture.ts';
import { type TarEntry, writeTar } from './tar.ts';

/** An image `FROM scratch`. Paths in it are absolute. */
export interface ImageContent {
  /** Files of this machine, copied with their permissions, by their paths in the image. */
  readonly files?: Readonly<Record<string, string>>;
  /** The targets of its symbolic links, by the links' paths. */
  readonly links?: Readonly<Record<string, string>>;
  /** The permissions of folders that do not have 755, or have no file. */
  readonly folders?: Readonly<Record<string, number>>;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  /** `uid` or `uid:gid`. Absent: root. */
  readonly user?: string;
  /** `NAME=value` */
  readonly environment?: readonly string[];
}

/** Bytes with their digest. */
export interface Blob {
  readonly type: string;
  readonly digest: string;
  readonly size: number;
  content(): AsyncIterable<Buffer> | Iterable<Buffer>;
}

/** The parts of an image: https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md */
export interface Image {
  readonly manifest: Blob;
  readonly config: Blob;
  readonly layer: Blob;
}

/** Makes an image for this machine, only in memory. */
export async function makeImage(content: ImageContent): Promise<Image> {
  const entries = await layerEntries(content);
  const layer = await toBlob('application/vnd.oci.image.layer.v1.tar', () => writeTar(entries));
  const config = await jsonBlob('application/vnd.oci.image.config.v1+json', configOf(content, layer));
  const type = 'application/vnd.oci.image.manifest.v1+json';
  const manifest = await jsonBlob(type, {
    schemaVersion: 2,
    mediaType: type,
    config: descriptor(config),
    layers: [descriptor(layer)],
  });
  return { manifest, config, layer };
}

export function jsonBlob(type: string, value: unknown): Promise<Blob> {
  return toBlob(type, () => [Buffer.from(JSON.stringify(value))]);
}

/** The reference to a blob in other blobs. */
export function descriptor({ digest, size, type: mediaType }: Blob) {
  return { mediaType, digest, size };
}

async function toBlob(type: string, content: Blob['content']): Promise<Blob> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const piece of content()) {
    hash.update(piece);
    size += piece.length;
  }
  return { type, digest: `sha256:${hash.digest('hex')}`, size, content };
}

function configOf({ entrypoint, command, environment, user }: ImageContent, layer: Blob): unknown {
  return {
    architecture: hostArchitecture(),
    os: 'linux',
    config: { Entrypoint: entrypoint, Cmd: command, Env: environment, User: user },
    rootfs: { type: 'layers', diff_ids: [layer.digest] },
  };
}

/** The entries of the layer, folders before their content. */
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
