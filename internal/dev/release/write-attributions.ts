import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { repository } from '../../packer/repository.ts';
import { composeAttributions } from './attributions.ts';

/* Writes THIRD_PARTY_LICENSES, or with --check fails if the file is out of date. */
const { check } = new Command('license-attributions').option('--check').parse().opts<{ check?: true }>();
const path = join(repository, 'THIRD_PARTY_LICENSES');
const text = await composeAttributions();
if (!check) {
  await writeFile(path, text);
} else if ((await readFile(path, 'utf8').catch(() => '')) !== text) {
  console.error(
    'THIRD_PARTY_LICENSES is not up to date: run ./do license-attributions and commit what it writes',
  );
  process.exitCode = 1;
}
