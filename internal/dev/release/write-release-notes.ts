import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repository } from '../../packer/repository.ts';
import { findReleaseNotes } from './release-notes.ts';

/* For ./do release: node internal/dev/release/write-release-notes.ts VERSION FILE */
const [version = '', file = ''] = process.argv.slice(2);
const changelog = await readFile(join(repository, 'CHANGELOG.md'), 'utf8');
await writeFile(file, `${findReleaseNotes(changelog, version)}\n`);
