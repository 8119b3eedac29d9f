import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { repository } from '../../packer/repository.ts';
import { findReleaseNotes } from './release-notes.ts';

/* For ./do release. */
const command = new Command('write-release-notes.ts').argument('<VERSION>').argument('<FILE>').parse();
const [version, file] = command.processedArgs as [string, string];
const changelog = await readFile(join(repository, 'CHANGELOG.md'), 'utf8');
await writeFile(file, `${findReleaseNotes(changelog, version)}\n`);
