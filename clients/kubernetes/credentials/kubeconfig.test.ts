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

test('a plugin gives the token, and gets the variables of the program', async () => {
  const script = `printf '{"status":{"token":"token-%s"}}' $OF_THE_PROGRAM`;
  const exec = { apiVersion: 'v1', command: '/bin/sh', args: ['-c', script] };
  expect(await (await credentialsOf({}, { exec })).token()).toBe('token-1');
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
