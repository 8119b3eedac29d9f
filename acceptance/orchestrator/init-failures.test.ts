import { execFile as execFileCallback } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { type Denial, denyCalls } from '../../internal/dev/testing/deny-calls.ts';
import { executable } from '../../internal/dev/testing/executable.ts';
import { isRoot } from '../../internal/dev/testing/is-root.ts';
import { expectFailure, folders } from './init-folders.ts';
import { runToEnd } from './run-orchestrator.ts';

const execFile = promisify(execFileCallback);

describe('each failure gives one clear line that names the path, and status 1:', () => {
  test.each(['orchestrator', 'circleci-agent'])('no %s', async (name) => {
    const { source, destination } = await folders();
    await execFile('rm', [join(source, name)]);
    await expectFailure(['init', source, destination], [join(source, name), 'ENOENT']);
  });

  test('no SOURCE', async () => {
    const { destination } = await folders();
    await expectFailure(['init', '/nowhere/at/all', destination], ['/nowhere/at/all/orchestrator']);
  });

  test('no DESTINATION', async () => {
    const { source, destination } = await folders();
    await expectFailure(['init', source, `${destination}/missing`], [`${destination}/missing`, 'ENOENT']);
  });

  test('a DESTINATION that is a file', async () => {
    const { source } = await folders();
    await expectFailure(
      ['init', source, join(source, 'orchestrator')],
      [join(source, 'orchestrator'), 'directory'],
    );
  });

  test('a binary that is a directory', async () => {
    const { source, destination } = await folders();
    await execFile('rm', [join(source, 'circleci-agent')]);
    await mkdir(join(source, 'circleci-agent'));
    await expectFailure(['init', source, destination], [join(source, 'circleci-agent'), 'directory']);
  });

  test('a binary that is a pipe, without waiting for it', async () => {
    const { source, destination } = await folders();
    await execFile('rm', [join(source, 'circleci-agent')]);
    await execFile('mkfifo', [join(source, 'circleci-agent')]);
    await expectFailure(['init', source, destination], [join(source, 'circleci-agent')]);
  });

  test('a directory where a copy belongs', async () => {
    const { source, destination } = await folders();
    await mkdir(join(destination, 'orchestrator'));
    await expectFailure(['init', source, destination], [join(destination, 'orchestrator')]);
  });

  test.runIf(isRoot)('a binary that may not be read', async () => {
    const { source, destination } = await folders();
    await chmod(join(source, 'circleci-agent'), 0o700);
    const through = ['setpriv', '--reuid=61236', '--regid=61236', '--clear-groups'];
    await expectFailure(['init', source, destination], [join(source, 'circleci-agent'), 'EACCES'], {
      through,
    });
  });

  test.runIf(isRoot)('a DESTINATION that may not be written to', async () => {
    const { source, destination } = await folders();
    await chmod(destination, 0o755);
    const through = ['setpriv', '--reuid=61236', '--regid=61236', '--clear-groups'];
    await expectFailure(['init', source, destination], [destination, 'EACCES'], { through });
  });

  test('a full disk, with no part file left', async () => {
    const { source, destination } = await folders();
    const prepare = `mount -t tmpfs -o size=800k none '${destination}'`;
    const look = `ls -A '${destination}' >&2`;
    const script = ['sh', '-c', `"$@"; status=$?; ${look}; exit $status`, 'sh'];
    const result = await runToEnd(['init', source, destination], { prepare, through: script });
    expect(result.status).toBe(1);
    expect(result.stdout).toMatch(new RegExp(`ERROR .*${destination}/circleci-agent.*ENOSPC`));
    expect(result.stderr).toBe('orchestrator\n');
  });

  test('a read-only disk', async () => {
    const { source, destination } = await folders();
    const prepare = `mount -t tmpfs -o ro none '${destination}'`;
    await expectFailure(['init', source, destination], [destination, 'EROFS'], { prepare });
  });

  test('a volume without exec', async () => {
    const { source, destination } = await folders();
    const prepare = `mount -t tmpfs -o noexec none '${destination}'`;
    await expectFailure(['init', source, destination], [destination, /noexec/], { prepare });
  });

  test('a binary without x bits', async () => {
    const { source, destination } = await folders();
    await chmod(join(source, 'circleci-agent'), 0o644);
    await expectFailure(['init', source, destination], [join(destination, 'circleci-agent'), /x bits|0644/]);
  });

  test('a binary for another machine', async () => {
    const { source, destination } = await folders();
    const program = await readFile(join(source, 'circleci-agent'));
    program.writeUInt16LE(22, 18);
    await writeFile(join(source, 'circleci-agent'), program);
    await expectFailure(['init', source, destination], [join(destination, 'circleci-agent'), /s390x/]);
  });

  test('an empty binary', async () => {
    const { source, destination } = await folders();
    await writeFile(join(source, 'circleci-agent'), '');
    await expectFailure(['init', source, destination], [join(destination, 'circleci-agent')]);
  });

  test.each([0.1, 0.5, 0.99])('an orchestrator of which only the first part (%d) arrived', async (part) => {
    const { source, destination } = await folders();
    const bytes = await readFile(executable);
    await writeFile(join(source, 'orchestrator'), bytes.subarray(0, Math.floor(bytes.length * part)));
    await expectFailure(['init', source, destination], [join(destination, 'orchestrator')]);
  });
});

const diskErrors: readonly [Denial, RegExp][] = [
  ['ENOSPC', /no space left on device \(ENOSPC\); look at .* node/],
  ['EDQUOT', /disk quota exceeded \(EDQUOT\); look at the quota/],
  ['EROFS', /read-only file system \(EROFS\); mount the volume writable/],
];
const createFile = 'openat:2:0x40'; // O_CREAT
const writes: readonly [what: string, calls: readonly string[], file: string][] = [
  ['a copy is created', [createFile], 'orchestrator'],
  ['a copy is written', ['pwrite64'], 'orchestrator'],
  ['a copy is put into place', ['rename'], 'orchestrator'],
  ['the link is made', ['symlink'], 'circleci'],
];

test.each(writes.flatMap((write) => diskErrors.map((error) => [...write, ...error] as const)))(
  'when %s, by %j for %s, %s gives one clear line, and leaves no part file',
  { tags: ['not-emulated/seccomp'] },
  async (_what, calls, file, error, words) => {
    const { source, destination } = await folders();
    const through = await denyCalls(error, calls);
    await expectFailure(['init', source, destination], [join(destination, file), words], { through });
    expect((await readdir(destination)).filter((name) => name.startsWith('.'))).toEqual([]);
  },
);
