import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { executable } from '../../internal/dev/testing/executable.ts';
import { scratchFolder } from '../../internal/dev/testing/scratch-folder.ts';
import { checksum } from '../../internal/launcher/checksum.ts';
import { headerAt, partAt, trailerSize, writeChecksum } from '../../internal/launcher/trailer-layout.ts';

const run = promisify(execFile);
const version = /^orchestrator /;

test('starts with code that need not be compiled', async () => {
  const { stdout, stderr } = await run(executable, ['--version']);
  expect(stdout).toMatch(version);
  expect(stderr).toBe('');
});

test('starts without that code if V8 refuses it, and says so', async () => {
  const bytes = await withOtherVersion();
  updateChecksums(bytes);

  const { stdout, stderr } = await run(await writeCopy(bytes), ['--version']);

  expect(stdout).toMatch(version);
  expect(stderr).toBe(
    'orchestrator: V8 refused the code cache of this executable: starting takes 10 ms more\n',
  );
});

test('does not start with changed code', async () => {
  const copy = await writeCopy(await withOtherVersion());
  await expect(run(copy, ['--version'])).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('wrong checksum of scripts'),
  });
});

/** The executable, with a code cache of another V8 version. */
async function withOtherVersion(): Promise<Buffer> {
  const bytes = await readFile(executable);
  bytes.writeUInt8(bytes.readUInt8(versionHash(bytes)) ^ 1, versionHash(bytes));
  return bytes;
}

/** The copy is beside the executable, because the folder for temporary files may be in memory. */
async function writeCopy(bytes: Buffer): Promise<string> {
  const copy = join(scratchFolder(dirname(executable)), 'orchestrator');
  await writeFile(copy, bytes, { mode: 0o755 });
  return copy;
}

/**
 * The offset of V8's version, which V8 checks first. It follows a number of four bytes that ends in C0DE.
 * Node writes an asset as name, length (8 bytes) and content.
 */
function versionHash(bytes: Buffer): number {
  const name = 'main.cjs.cache';
  for (let at = bytes.indexOf(name); at >= 0; at = bytes.indexOf(name, at + 1)) {
    const content = at + name.length + 8;
    if (bytes.readUInt16LE(content + 2) === 0xc0de) return content + 4;
  }
  throw new Error('no code cache was found in the executable');
}

/** The launcher would refuse a changed file. */
function updateChecksums(bytes: Buffer): void {
  const trailer = bytes.subarray(-trailerSize);
  const entry = trailer.subarray(trailer.indexOf('scripts\0') - partAt.name);
  const offset = Number(entry.readBigUInt64LE(partAt.offset));
  const size = Number(entry.readBigUInt64LE(partAt.size));
  writeChecksum(entry, partAt.checksum, checksum(bytes.subarray(offset, offset + size)));
  writeChecksum(trailer, headerAt.checksum, [0n, 0n]);
  writeChecksum(trailer, headerAt.checksum, checksum(trailer));
}
