import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const fixture = join(import.meta.dirname, 'fixtures/close-socket.ts');

test('stderr stays blocking when a socket is closed, and Node’s warnings still reach it', async () => {
  // A pipe between two programs, as in a container. Node would give its child a socket.
  const command = '{ "$0" "$1" 2>&1 >&3 3>&- | cat >&2; } 3>&1';
  const { stdout, stderr } = await promisify(execFile)('sh', ['-c', command, process.execPath, fixture]);
  expect(stdout).toBe('as it was\n');
  expect(stderr).toContain('Warning: of importance');
});
