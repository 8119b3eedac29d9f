import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { scratchFolder } from '../../../internal/dev/testing/scratch-folder.ts';
import { CredentialsError } from './credentials.ts';
import { inClusterCredentials, isInCluster } from './in-cluster.ts';

/** The folder that Kubernetes mounts into a Pod with a service account. */
function makeFolder() {
  const folder = scratchFolder();
  for (const [name, text] of Object.entries({ token: 'the-token\n', namespace: 'runner\n', 'ca.crt': 'PEM' }))
    writeFileSync(join(folder, name), text);
  return folder;
}

test('a Pod uses the token, the namespace and the authority of its service account', async () => {
  const variables = { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '6443' };
  const { namespace, server, tls, token } = await inClusterCredentials(variables, makeFolder());
  expect({ namespace, server, ca: await tls.ca(), token: await token() }).toEqual({
    namespace: 'runner',
    server: 'https://10.96.0.1:6443',
    ca: 'PEM',
    token: 'the-token',
  });
  expect(tls).toMatchObject({ cert: undefined, key: undefined, insecure: false });
});

test('a Pod uses a new authority of the cluster, and its own new token, within a minute', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const folder = makeFolder();
  const { tls, token } = await inClusterCredentials({ KUBERNETES_SERVICE_HOST: '10.96.0.1' }, folder);
  writeFileSync(join(folder, 'ca.crt'), 'PEM and NEW PEM');
  writeFileSync(join(folder, 'token'), 'the-new-token\n');
  vi.advanceTimersByTime(60_000);
  expect(await tls.ca()).toBe('PEM and NEW PEM');
  expect(await token()).toBe('the-new-token');
});

test.each([
  [{ KUBERNETES_SERVICE_HOST: '10.96.0.1' }, 'https://10.96.0.1:443'],
  [{ KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' }, 'https://[fd00::1]:443'],
])('%j leads to %s', async (variables, server) => {
  expect((await inClusterCredentials(variables, makeFolder())).server).toBe(server);
});

test('the namespace file may be missing', async () => {
  const folder = makeFolder();
  rmSync(join(folder, 'namespace'));
  expect((await inClusterCredentials({ KUBERNETES_SERVICE_HOST: 'x' }, folder)).namespace).toBeUndefined();
});

test.each(['token', 'ca.crt'])(
  'without %s there are no credentials, and the message says where they are',
  async (name) => {
    const folder = makeFolder();
    rmSync(join(folder, name));
    const attempt = inClusterCredentials({ KUBERNETES_SERVICE_HOST: 'x' }, folder);
    await expect(attempt).rejects.toThrow(CredentialsError);
    await expect(attempt).rejects.toThrow(
      `Look at automountServiceAccountToken, and at what is mounted at ${folder}.`,
    );
  },
);

test('a variable shows that the program runs in a Pod', () => {
  expect(isInCluster({ KUBERNETES_SERVICE_HOST: '10.96.0.1' })).toBe(true);
  expect(isInCluster({ KUBERNETES_SERVICE_HOST: '' })).toBe(false);
  expect(isInCluster({})).toBe(false);
});
