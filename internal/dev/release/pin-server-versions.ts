import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Command } from 'commander';
import { repository } from '../../packer/repository.ts';
import { serverVersionsToUse } from '../variables.ts';
import { findTaskAgent, parseServerVersions } from './parse-server-versions.ts';

/*
 * For ./do pin-server-versions: writes the pins from the branches of a clone of CircleCI server's repository
 * to the table. The newest version is on main, and has no branch of its own until its release.
 */
const run = promisify(execFile);
const command = new Command('pin-server-versions').argument('<CLONE>', 'of the server repository').parse();
const [clone] = command.processedArgs as [string];
const table = serverVersionsToUse ?? join(repository, '.goreleaser', 'server-versions.json');

const text = await readFile(table, 'utf8');
const { pinned, missing } = parseServerVersions(text);
const versions = [...pinned.map(([version]) => version), ...missing].sort(byNumber);
const pins = JSON.parse(text) as Record<string, string | null>;
for (const version of versions) {
  const branches = [`server-${version}`, ...(version === versions.at(-1) ? ['main'] : [])];
  pins[version] = findTaskAgent(
    version,
    await readImages(branches.flatMap((name) => [`origin/${name}`, name])),
  );
  console.log(`server ${version}: ${pins[version]}`);
}
await writeFile(table, `${JSON.stringify(pins, undefined, 2)}\n`);

async function readImages(branches: readonly string[]): Promise<string> {
  for (const branch of branches) {
    const shown = await run('git', ['-C', clone, 'show', `${branch}:images.yaml`]).catch(() => undefined);
    if (shown !== undefined) return shown.stdout;
  }
  throw new Error(`${clone} has no images.yaml on any of the branches ${branches.join(', ')}`);
}

function byNumber(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
