import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { scratchFolder } from '../../testing/scratch-folder.ts';
import type { ImageContent } from './image.ts';
import { writeImageArchive } from './oci-archive.ts';

const extract = (archive: Buffer, path: string) => spawnSync('tar', ['-xO', path], { input: archive }).stdout;

function readBlob(archive: Buffer, { digest, size }: { digest: string; size: number }): Buffer {
  const blob = extract(archive, `blobs/${digest.replace(':', '/')}`);
  expect(`sha256:${createHash('sha256').update(blob).digest('hex')}`).toBe(digest);
  expect(blob.length).toBe(size);
  return blob;
}

/** Follows the digests from the index to the layer. */
async function openArchive(name: string, content: ImageContent) {
  const archive = await buffer(writeImageArchive(name, content));
  const index = JSON.parse(extract(archive, 'index.json').toString());
  const manifest = JSON.parse(readBlob(archive, index.manifests[0]).toString());
  const config = JSON.parse(readBlob(archive, manifest.config).toString());
  const layer = readBlob(archive, manifest.layers[0]);
  return { index, manifest, config, layer };
}

async function makeProgram(mode: number): Promise<string> {
  const path = join(scratchFolder(), 'program');
  await writeFile(path, 'the program');
  await chmod(path, mode);
  return path;
}

test('each digest fits its content, from the index to the layer', async () => {
  const { index, manifest, config } = await openArchive('localhost/pause:1', { entrypoint: ['/pause'] });
  expect(index.manifests[0].annotations).toEqual({ 'io.containerd.image.name': 'localhost/pause:1' });
  expect(config.config).toEqual({ Entrypoint: ['/pause'] });
  expect(config.rootfs.diff_ids).toEqual([manifest.layers[0].digest]);
});

test('the layer has the files with their permissions, their folders, and the links', async () => {
  const { layer } = await openArchive('localhost/test:1', {
    files: { '/opt/bin/program': await makeProgram(0o755) },
    links: { '/bin/sh': '/opt/bin/program' },
    folders: { '/tmp': 0o1777 },
  });
  const { stdout } = spawnSync('tar', ['-tv'], { input: layer });
  const lines = stdout.toString().trimEnd().split('\n');
  expect(lines.map((line) => line.replace(/^(\S+) .* [\d:]{5} /, '$1 '))).toEqual([
    'drwxr-xr-x bin',
    'lrwxrwxrwx bin/sh -> /opt/bin/program',
    'drwxr-xr-x opt',
    'drwxr-xr-x opt/bin',
    '-rwxr-xr-x opt/bin/program',
    'drwxrwxrwt tmp',
  ]);
  expect(extract(layer, 'opt/bin/program').toString()).toBe('the program');
});

test('the same content gives the same image', async () => {
  const digestOf = async () =>
    (await openArchive('localhost/test:1', { folders: { '/data': 0o755 } })).index.manifests[0].digest;
  expect(await digestOf()).toBe(await digestOf());
});
