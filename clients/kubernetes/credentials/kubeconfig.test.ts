import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratchFolder } from '../../../internal/dev/testing/scratch-folder.ts';
import { CredentialsError } from './credentials.ts';
import { kubeconfigCredentials } from './kubeconfig.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');

/** The credentials from a kubeconfig that has this cluster and user, among others. */
async function credentialsOf(cluster: object, user: object, files: Readonly<Record<string, string>> = {}) {
  const folder = scratchFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const path = join(folder, 'config');
  const config = {
    'current-context': 'mine',
    contexts: [
      { name: 'other', context: { cluster: 'none', user: 'none' } },
      { name: 'mine', context: { cluster: 'c', user: 'u', namespace: 'ci' } },
    ],
    clusters: [{ name: 'c', cluster: { server: 'https://k8s.example:6443/', ...cluster } }],
    users: [{ name: 'u', user }],
  };
  writeFileSync(path, JSON.stringify(config));
  return kubeconfigCredentials(path, { OF_THE_PROGRAM: '1' });
}

test('the current context selects the cluster, the user and the namespace', async () => {
  const { namespace, server, tls, token } = await credentialsOf({}, { token: 'the-token' });
  expect({ namespace, server, token: await token() }).toEqual({
    namespace: 'ci',
    server: 'https://k8s.example:6443',
    token: 'the-token',
  });
  expect(tls).toMatchObject({ cert: undefined, key: undefined, insecure: false });
  expect(await tls.ca()).toBeUndefined();
});

test('certificates may be in the kubeconfig itself', async () => {
  const { tls, token } = await credentialsOf(
    { 'certificate-authority-data': base64('CA'), 'insecure-skip-tls-verify': true },
    { 'client-certificate-data': base64('CERT'), 'client-key-data': base64('KEY') },
  );
  expect(tls).toMatchObject({ cert: 'CERT', key: 'KEY', insecure: true });
  expect(await tls.ca()).toBe('CA');
  expect(await token()).toBeUndefined();
});

test('certificates and tokens may be in files beside it', async () => {
  const { tls, token } = await credentialsOf(
    { 'certificate-authority': 'ca.pem' },
    { 'client-certificate': 'cert.pem', 'client-key': 'key.pem', tokenFile: 'token', token: 'older' },
    { 'ca.pem': 'CA', 'cert.pem': 'CERT', 'key.pem': 'KEY', token: 'of-the-file\n' },
  );
  expect(tls).toMatchObject({ cert: 'CERT', key: 'KEY' });
  expect(await tls.ca()).toBe('CA');
  expect(await token()).toBe('of-the-file');
});

/** A plugin whose token shows its variables and the number of its call, and the time at which the token expires. */
async function pluginToken(goodForMs: number) {
  const calls = join(scratchFolder(), 'calls');
  const expiry = new Date(Date.now() + goodForMs).toISOString();
  const answer = `{"status":{"token":"%s-%s-%s","expirationTimestamp":"${expiry}"}}`;
  const script = `echo >> ${calls}; printf '${answer}' $OF_THE_PROGRAM $OF_THE_USER $(wc -l < ${calls})`;
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: '/bin/sh',
    args: ['-c', script],
    env: [{ name: 'OF_THE_USER', value: '2' }],
  };
  return (await credentialsOf({}, { exec })).token;
}

test('the token of a plugin is used until it is about to expire', async () => {
  const lasting = await pluginToken(3_600_000);
  expect([await lasting(), await lasting()]).toEqual(['1-2-1', '1-2-1']);
  const expiring = await pluginToken(30_000);
  expect([await expiring(), await expiring()]).toEqual(['1-2-1', '1-2-2']);
});

test.each([
  ['/bin/false', 'the credential plugin of the kubeconfig, /bin/false, failed: exit status 1'],
  ['/no/such/plugin', 'the credential plugin of the kubeconfig, /no/such/plugin, failed: ENOENT'],
  ['/bin/hostname', 'the credential plugin of the kubeconfig, /bin/hostname, did not print JSON'],
])('a plugin that fails is an error of that request: %s', async (command, message) => {
  const { token } = await credentialsOf({}, { exec: { apiVersion: 'v1', command } });
  await expect(token()).rejects.toThrow(new Error(message));
});

test.each<[string, object, object, string]>([
  [
    'a cluster without a server',
    { server: undefined },
    {},
    'the server of the cluster "c" must be a URL such as',
  ],
  [
    'a server without https://',
    { server: 'host:6443' },
    {},
    'the server of the cluster "c" must be a URL such as',
  ],
  ['a missing file', { 'certificate-authority': 'none.pem' }, {}, 'none.pem'],
])('%s is an error that names the kubeconfig', async (_case, cluster, user, words) => {
  const attempt = credentialsOf(cluster, user);
  await expect(attempt).rejects.toThrow(CredentialsError);
  await expect(attempt).rejects.toThrow(/^The kubeconfig .*config cannot be used: /);
  await expect(attempt).rejects.toThrow(words);
});

test.each<[string, string, string]>([
  ['an empty file', '', 'it is not a kubeconfig'],
  ['a web page', '<html>', 'it is not a kubeconfig'],
  ['no current context', 'contexts: []', 'it has no current-context'],
  ['a missing context', 'current-context: x', 'it has no context "x"'],
  [
    'a missing user',
    'current-context: x\ncontexts: [{name: x, context: {cluster: c, user: u}}]\nclusters: [{name: c}]',
    'it has no user "u"',
  ],
  ['a text that is not YAML', 'a: [', 'cannot be used'],
])('%s is an error', async (_case, text, words) => {
  const path = join(scratchFolder(), 'config');
  writeFileSync(path, text);
  await expect(kubeconfigCredentials(path, {})).rejects.toThrow(words);
});
