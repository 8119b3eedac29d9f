import { randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { addresses } from '../../cluster/addresses.ts';
import { type Blob, descriptor, type Image, jsonBlob } from '../../cluster/images/image.ts';
import { places } from '../../cluster/places.ts';
import { startListening } from '../start-listening.ts';

/** The registry's behaviour for one repository. */
export interface RepositoryContract {
  /** The image of all its tags. Absent: it has no image. */
  readonly image?: Image;
  /** The credentials for a pull. Absent: everybody may pull. */
  readonly credentials?: { readonly username: string; readonly password: string };
  /** This many requests get this status first. */
  readonly trouble?: { readonly status: number; readonly requests: number };
  /** The kind of a hang: no answer at all, or only a part of a layer. */
  readonly hangs?: 'at-once' | 'within-layer';
  /** The image is only for this architecture, which is not the node's. */
  readonly onlyFor?: string;
}

/** An image registry that the node pulls from, over HTTP. */
export interface ImageRegistry extends AsyncDisposable {
  /** The name of a repository's image for Pods. */
  nameOf(repository: string): string;
}

const indexType = 'application/vnd.oci.image.index.v1+json';

/**
 * Starts a registry, and configures containerd for it.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pull
 */
export async function startImageRegistry(
  repositories: Readonly<Record<string, RepositoryContract>>,
): Promise<ImageRegistry> {
  const troubles = new Map<string, number>();
  const server = createServer((request, response) => {
    void answer(request, response, repositories, troubles).catch(() => response.destroy());
  });
  const { port, close } = await startListening(server, { host: addresses.machine });
  const name = `registry-${randomBytes(4).toString('hex')}.test`;
  const folder = join(places.registries, name);
  await mkdir(folder);
  // It is not a mirror but the registry itself, so its refusals are final. Older containerds still need a host.
  const url = `http://${addresses.machine}:${port}`;
  await writeFile(join(folder, 'hosts.toml'), `server = "${url}"\n[host."${url}"]\n`);
  return {
    nameOf: (repository) => `${name}/${repository}:test`,
    async [Symbol.asyncDispose]() {
      await close();
      await rm(folder, { recursive: true });
    },
  };
}

async function answer(
  { headers, method, url = '' }: IncomingMessage,
  response: ServerResponse,
  repositories: Readonly<Record<string, RepositoryContract>>,
  troubles: Map<string, number>,
): Promise<void> {
  const [, name = '', kind, reference = ''] = /^\/v2\/(.+)\/(manifests|blobs)\/([^?]+)/.exec(url) ?? [];
  const contract = repositories[name];
  const { credentials, hangs, trouble } = contract ?? {};
  if (hangs === 'at-once') return;
  const met = troubles.get(name) ?? 0;
  if (trouble !== undefined && met < trouble.requests) {
    troubles.set(name, met + 1);
    response.writeHead(trouble.status).end();
  } else if (credentials !== undefined && headers.authorization !== basic(credentials)) {
    response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="registry"' }).end();
  } else {
    const blob = await find(contract, kind, reference);
    if (blob === undefined) return void response.writeHead(404).end();
    response.writeHead(200, {
      'Content-Type': blob.type,
      'Content-Length': blob.size,
      'Docker-Content-Digest': blob.digest,
    });
    if (method === 'HEAD') response.end();
    else if (hangs === 'within-layer' && blob === contract?.image?.layer) response.write(Buffer.alloc(16));
    else await pipeline(Readable.from(blob.content()), response);
  }
}

/** Finds the content for a tag or digest. A tag stands for the index, or for the only manifest. */
async function find(
  { image, onlyFor }: RepositoryContract = {},
  kind: string | undefined,
  reference: string,
): Promise<Blob | undefined> {
  if (image === undefined || kind === undefined) return undefined;
  const top = onlyFor === undefined ? image.manifest : await indexOf(image, onlyFor);
  if (kind === 'manifests' && !reference.includes(':')) return top;
  return [top, ...Object.values(image)].find(({ digest }) => digest === reference);
}

function indexOf({ manifest }: Image, architecture: string): Promise<Blob> {
  const manifests = [{ ...descriptor(manifest), platform: { os: 'linux', architecture } }];
  return jsonBlob(indexType, { schemaVersion: 2, mediaType: indexType, manifests });
}

function basic({ username, password }: NonNullable<RepositoryContract['credentials']>): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
