import { expect, test } from 'vitest';
import { secretsPath, testKubernetes } from '../../clients/kubernetes/fixtures/test-kubernetes.ts';
import { sendStatus } from '../../internal/dev/kubernetes-api/answers.ts';
import { RecordingLogger } from '../../internal/dev/testing/recording-logger.ts';
import { SecretMask } from '../../internal/secrets/secret-mask.ts';
import { ClassTokens } from './class-tokens.ts';

/** The class tokens from these Secrets. */
async function startTokens(secrets: Readonly<Record<string, Readonly<Record<string, string>>>>) {
  const kubernetes = await testKubernetes();
  const { api, client, signal } = kubernetes;
  const put = (name: string, tokens: Readonly<Record<string, string>>) => {
    const data = Object.entries(tokens).map(([key, token]) => [key, Buffer.from(token).toString('base64')]);
    api.put(secretsPath, { metadata: { name }, ...{ data: Object.fromEntries(data) } });
  };
  for (const [name, tokens] of Object.entries(secrets)) put(name, tokens);
  const logger = new RecordingLogger();
  const { events: lines } = logger;
  const mask = new SecretMask();
  const tokens = new ClassTokens(client, Object.keys(secrets), logger, mask);
  const refresh = async () => {
    lines.length = 0;
    await tokens.refresh(signal);
    return lines.map(({ fields, message }) => ({
      message,
      class: fields['resource.class'],
      secret: fields.secret,
    }));
  };
  /** Makes the API server answer requests for a Secret with this status. */
  const refuse = (name: string, status: number) => {
    api.intercept = ({ path }, response) => {
      if (path !== `${secretsPath}/${name}`) return false;
      sendStatus(response, status, 'Reason', 'words');
      return true;
    };
  };
  return { api, mask, put, refresh, refuse, tokens };
}

test('tokens of several Secrets are merged, and hidden from the log', async () => {
  const { mask, refresh, tokens } = await startTokens({
    one: { 'a.b': 'token-1\n' },
    two: { 'c.d': 'token-2' },
  });
  expect(tokens.get('a.b')).toBeUndefined();
  expect(await refresh()).toEqual([]);
  expect(tokens.classes).toEqual(['a.b', 'c.d']);
  expect([tokens.get('a.b'), tokens.get('c.d'), tokens.get('e.f')]).toEqual([
    'token-1',
    'token-2',
    undefined,
  ]);
  expect(mask.mask('token-1 token-2')).toBe('[REDACTED] [REDACTED]');
});

test('of two tokens for a class, the one of the first Secret is used, and a warning names the other', async () => {
  const { refresh, tokens } = await startTokens({ one: { 'a.b': 'first' }, two: { 'a.b': 'second' } });
  expect(await refresh()).toEqual([
    { message: expect.stringContaining('more than one token'), class: 'a.b', secret: 'two' },
  ]);
  expect(tokens.get('a.b')).toBe('first');
});

test('an empty token counts as none', async () => {
  const { refresh, tokens } = await startTokens({ one: { 'a.b': ' ' } });
  expect(await refresh()).toEqual([
    { message: expect.stringContaining('empty token'), class: 'a.b', secret: 'one' },
  ]);
  expect(tokens.classes).toEqual([]);
});

test.each([
  ['a line break', 'one\ntwo'],
  ['a typographic quote', '\u201ctoken'],
])('a token with %s, which no request can carry, counts as none', async (_with, token) => {
  const { refresh, tokens } = await startTokens({ one: { 'a.b': token, 'c.d': 'token' } });
  expect(await refresh()).toEqual([
    { message: expect.stringContaining('no HTTP header may have'), class: 'a.b', secret: 'one' },
  ]);
  expect(tokens.classes).toEqual(['c.d']);
});

test('a changed Secret is read again', async () => {
  const { put, refresh, tokens } = await startTokens({ one: { 'a.b': 'old', 'c.d': 'x' } });
  await refresh();
  put('one', { 'a.b': 'new' });
  await refresh();
  expect([tokens.get('a.b'), tokens.get('c.d')]).toEqual(['new', undefined]);
});

test('a Secret that cannot be read keeps its tokens, and the others are read', async () => {
  const { put, refresh, refuse, tokens } = await startTokens({ one: { 'a.b': 'x' }, two: { 'c.d': 'old' } });
  await refresh();
  refuse('one', 503);
  put('two', { 'c.d': 'new', 'a.b': 'y' });
  expect(await refresh()).toMatchObject([
    { message: 'a Secret with tokens cannot be read', secret: 'one' },
    { message: expect.stringContaining('more than one token'), secret: 'two' },
  ]);
  expect([tokens.get('a.b'), tokens.get('c.d')]).toEqual(['x', 'new']);
});

test('a deleted Secret has no more tokens', async () => {
  const { refresh, refuse, tokens } = await startTokens({ one: { 'a.b': 'x' } });
  await refresh();
  refuse('one', 404);
  await refresh();
  expect(tokens.classes).toEqual([]);
});

test('a class is as old as its token, unless that came with the first look at the Secret', async () => {
  const secrets = { one: { 'a.b': 'x' }, two: { 'c.d': 'y' } };
  const { api, put, refresh, refuse, tokens } = await startTokens(secrets);
  refuse('two', 503);
  await refresh();
  const laterMs = performance.now();
  api.intercept = () => false;
  put('one', { 'a.b': 'other', 'e.f': 'z' });
  await refresh();
  const isNew = () => ['a.b', 'c.d', 'e.f'].map((name) => tokens.sinceMs(name) >= laterMs);
  expect(isNew()).toEqual([false, false, true]);
  // Who loses the token and gets another is as new as a class that never had one.
  refuse('two', 404);
  await refresh();
  api.intercept = () => false;
  await refresh();
  expect(isNew()).toEqual([false, true, true]);
});

test('several refreshes at once read the Secrets once', async () => {
  const { api, refresh, tokens } = await startTokens({ one: { 'a.b': 'x' } });
  await Promise.all([refresh(), refresh(), refresh()]);
  expect(api.requests).toHaveLength(1);
  expect(tokens.get('a.b')).toBe('x');
});

test('a token that was replaced is not masked in the log for ever', async () => {
  const { mask, put, refresh } = await startTokens({ one: { 'a.b': 'old-token', 'c.d': 'same-token' } });
  await refresh();
  put('one', { 'a.b': 'new-token', 'c.d': 'same-token' });
  await refresh();
  expect(mask.mask('old-token new-token same-token')).toBe('old-token [REDACTED] [REDACTED]');
});

test.each([
  ['texts', 'abc'],
  ['a list', ['abc']],
  ['null', null],
  ['other values', { 'a.b': 5, 'c.d': null }],
])('%s instead of tokens are no tokens', async (_case, data) => {
  const { api, refresh, tokens } = await startTokens({ one: { 'a.b': 'token' } });
  api.put(secretsPath, { metadata: { name: 'one' }, ...{ data } });
  await refresh();
  expect(tokens.classes).toEqual([]);
});
