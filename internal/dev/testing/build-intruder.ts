import { execFile } from 'node:child_process';
import { mkdtempDisposable, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repository } from '../../packer/repository.ts';

const source = join(repository, 'internal', 'launcher', 'fixtures', 'intruder.c');

/** Compiles a library that ends the process that loads it, for images whose own libraries must not be loaded. */
export async function buildIntruder(): Promise<Buffer> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'intruder-'));
  const output = join(folder.path, 'intruder.so');
  await promisify(execFile)('gcc', ['-shared', '-fPIC', '-nostdlib', '-o', output, source]);
  return readFile(output);
}
