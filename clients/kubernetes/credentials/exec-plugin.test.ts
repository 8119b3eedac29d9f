import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratchFolder } from '../../../internal/dev/testing/scratch-folder.ts';
import { execToken } from './exec-plugin.ts';

/** A plugin whose token shows its variables and the number of its call. @param expiry when the token expires */
function pluginToken(expiry: string) {
  const calls = join(scratchFolder(), 'calls');
  const answer = `{"status":{"token":"%s-%s-%s","expirationTimestamp":"${expiry}"}}`;
  const script = `echo >> ${calls}; printf '${answer}' $OF_THE_PROGRAM $OF_THE_USER $(wc -l < ${calls})`;
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: '/bin/sh',
    args: ['-c', script],
    env: [{ name: 'OF_THE_USER', value: '2' }],
  };
  return execToken(exec, { OF_THE_PROGRAM: '1' });
}

const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();

test.each([
  ['is used until it is about to expire', inMs(3_600_000), '1-2-1'],
  ['is asked for again when it is about to expire', inMs(30_000), '1-2-2'],
  ['is used for a while if nobody can tell when it expires', 'soon', '1-2-1'],
])('the token of a plugin %s', async (_case, expiry, second) => {
  const token = pluginToken(expiry);
  expect([await token(), await token()]).toEqual(['1-2-1', second]);
});

test('many requests at once ask the plugin once', async () => {
  const token = pluginToken(inMs(30_000));
  const tokens = await Promise.all(Array.from({ length: 20 }, token));
  expect(new Set(tokens)).toEqual(new Set(['1-2-1']));
  expect(await token()).toBe('1-2-2');
});

test.each([
  ['/bin/false', 'the credential plugin of the kubeconfig, /bin/false, failed: exit status 1'],
  ['/no/such/plugin', 'the credential plugin of the kubeconfig, /no/such/plugin, failed: ENOENT'],
  ['/bin/hostname', 'the credential plugin of the kubeconfig, /bin/hostname, did not print JSON'],
])('a plugin that fails is an error of that request: %s', async (command, message) => {
  await expect(execToken({ apiVersion: 'v1', command }, {})()).rejects.toThrow(new Error(message));
});

test('a plugin that hangs is ended, and is an error of that request', { tags: ['timed'] }, async () => {
  const plugin = { apiVersion: 'v1', command: '/bin/sh', args: ['-c', 'trap "" TERM; sleep 5 & wait'] };
  const message = 'the credential plugin of the kubeconfig, /bin/sh, failed: it did not end within 0.1 s';
  await expect(execToken(plugin, {}, 100)()).rejects.toThrow(new Error(message));
});
