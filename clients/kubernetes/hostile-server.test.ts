import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { sendJson } from '../../internal/dev/kubernetes-api/answers.ts';
import { describeError } from '../../internal/log/describe-error.ts';
import type { KubernetesClient } from './client.ts';
import { podsPath, secretsPath, testKubernetes } from './fixtures/test-kubernetes.ts';
import { NoAnswerError } from './kubernetes-error.ts';
import { watch } from './watch.ts';

/* An API server, or something in its place, that is hostile or broken. */

const secret = 'aHVzaA==';

/** The client's result when this function writes the answers. */
async function ask(answer: (response: ServerResponse) => unknown, request: Request): Promise<unknown> {
  const { api, client, signal } = await testKubernetes();
  api.intercept = (_request, response) => {
    answer(response);
    return true;
  };
  return await request(client, signal).catch((error: unknown) => error);
}

type Request = (client: KubernetesClient, signal: AbortSignal) => Promise<unknown>;
const getSecret: Request = (client, signal) => client.secrets.get('s', signal);
const listPods: Request = (client, signal) => client.pods.list({}, signal, (pod) => pod);
const createPod: Request = (client, signal) => client.pods.create({ metadata: { name: 'p' } }, signal);
const deletePod: Request = (client, signal) => client.pods.delete('p', {}, signal);
const watchPods: Request = (client, signal) => watch(client.pods, {}, '1', signal).next();

/** Writes a text again and again, as fast as it is read. */
function flood(response: ServerResponse, text: string): void {
  const endless = function* () {
    for (;;) yield text;
  };
  Readable.from(endless()).pipe(response);
}

test.each([
  ['null', 'null'],
  ['a text', `"${secret}"`],
  ['a number', '5'],
  ['an array', `["${secret}"]`],
  ['words', secret],
  ['an object that breaks off', `{"metadata":{"name":"s"},"data":{"t":"${secret}"`],
  ['an object with a mistake', `{"metadata":{"name":"s"},"data":{"t":"${secret}" x}}`],
  ['another object', `{"metadata":{"name":"other"},"data":{"t":"${secret}"}}`],
  ['an object without metadata', `{"data":{"t":"${secret}"}}`],
])('%s instead of a Secret is no answer, and is not quoted', async (_case, body) => {
  const error = await ask((response) => response.end(body), getSecret);
  expect(error).toBeInstanceOf(NoAnswerError);
  expect(describeError(error)).not.toContain(secret.slice(0, 4));
});

test.each([
  ['a text', '{"kind":"List","items":"text"}'],
  ['an object', '{"kind":"List","items":{}}'],
  ['nulls', '{"kind":"List","items":[null]}'],
  ['numbers', '{"kind":"List","items":[1]}'],
])('%s instead of objects is no list', async (_case, body) => {
  expect(await ask((response) => response.end(body), listPods)).toBeInstanceOf(NoAnswerError);
});

test('a list of large objects is read in smaller pages', async () => {
  const { api, client, signal } = await testKubernetes();
  const text = 'x'.repeat(1 << 20);
  for (let count = 0; count < 30; count++)
    api.put(podsPath, { metadata: { name: `pod-${count}` }, ...{ spec: { text } } });
  const names = await client.pods.list({}, signal, ({ metadata }) => metadata?.name);
  expect(new Set(names).size).toBe(30);
  const limits = api.requests.map(({ query }) => query.get('limit'));
  expect(limits).toEqual(['100', '25', '7', '7', '7', '7', '7']);
});

test('a list without a last page is given up', async () => {
  const more = JSON.stringify({ kind: 'List', metadata: { continue: 'x' }, items: [] });
  expect(await ask((response) => response.end(more), listPods)).toMatchObject({
    message: expect.stringContaining('the list of pods at the Kubernetes API does not end'),
  });
});

test('a list with endlessly many objects is given up before it fills the memory', async () => {
  const { api, client, signal } = await testKubernetes();
  const object = { metadata: { name: 'x', annotations: { text: 'x'.repeat(20 << 20) } } };
  const page = Buffer.from(JSON.stringify({ kind: 'List', metadata: { continue: 'x' }, items: [object] }));
  api.intercept = (_request, response) => {
    response.end(page);
    return true;
  };
  const readAll = async () => {
    for await (const _page of client.pods.pages({}, signal));
  };
  await expect(readAll()).rejects.toThrow('the list of pods at the Kubernetes API does not end');
  expect(api.requests.length).toBeLessThan(20);
});

test('a list of many objects is read to its end if little of each is kept, and given up otherwise', async () => {
  const { api, client, signal } = await testKubernetes();
  const text = 'x'.repeat(20 << 20);
  const pageOf = (next: string) =>
    Buffer.from(
      JSON.stringify({
        kind: 'List',
        metadata: { continue: next },
        items: [{ metadata: { name: 'x', annotations: { text } } }],
      }),
    );
  const [page, last] = [pageOf('x'), pageOf('')];
  api.intercept = (_request, response) => {
    response.end(api.requests.length % 15 === 0 ? last : page);
    return true;
  };
  const names = await client.pods.list({}, signal, ({ metadata }) => metadata?.name);
  expect(names).toHaveLength(15);
  await expect(client.pods.list({}, signal, (pod) => pod)).rejects.toThrow(
    'the list of pods at the Kubernetes API does not end',
  );
});

test('a list of which little is kept may have more bytes, and is given up when it has too many pages', async () => {
  const { api, client, signal } = await testKubernetes();
  const large = { metadata: { name: 'x', annotations: { text: 'x'.repeat(20 << 20) } } };
  const pageOf = (item: object) =>
    Buffer.from(JSON.stringify({ kind: 'List', metadata: { continue: 'x' }, items: [item] }));
  const [largePage, smallPage] = [pageOf(large), pageOf({ metadata: { name: 'x' } })];
  api.intercept = (_request, response) => {
    response.end(api.requests.length <= 14 ? largePage : smallPage);
    return true;
  };
  const readAll = async () => {
    for await (const _page of client.events.pages({}, signal));
  };
  await expect(readAll()).rejects.toThrow('the list of events at the Kubernetes API does not end');
  expect(api.requests.length).toBe(2000);
});

test.each([
  ['an object', getSecret],
  ['a list', listPods],
])('%s without end is cut off', async (_case, request) => {
  const error = await ask((response) => flood(response, ' '.repeat(1 << 16)), request);
  expect(error).toMatchObject({ message: expect.stringMatching(/the answer has more than \d+ bytes/) });
});

test.each([
  ['of one line', 'x'.repeat(1 << 16), /has an event of more than \d+ bytes/],
  ['of lines that are not events', 'x\n', /broke off/],
  ['of nulls', 'null\n', /an event without an object/],
  ['of events about nothing', '{"type":"ADDED","object":null}\n', /an event without an object/],
])('a watch without end %s is no answer', async (_case, text, message) => {
  const error = await ask((response) => flood(response, text), watchPods);
  expect(error).toBeInstanceOf(NoAnswerError);
  expect(error).toMatchObject({ message: expect.stringMatching(message) });
});

test('an answer that is compressed without being asked to is not unpacked', async () => {
  const bomb = gzipSync(Buffer.alloc(1 << 20, ' '));
  const error = await ask((response) => {
    response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(bomb);
  }, getSecret);
  expect(error).toMatchObject({
    message: expect.stringContaining('the answer is not JSON; check what answers at that address'),
  });
});

test.each([
  [302, '<html>Please log in</html>'],
  [403, 'RBAC: access denied'],
  [404, 'default backend - 404'],
  [404, '{"error":"no route"}'],
  [400, 'The plain HTTP request was sent to HTTPS port'],
  [408, ''],
  [409, 'Conflict'],
  [413, '<html>Request Entity Too Large</html>'],
])('status %s with %s instead of a Status is not the answer of an API server', async (status, body) => {
  const refuse = (response: ServerResponse) => response.writeHead(status).end(body);
  for (const request of [getSecret, listPods, watchPods, createPod, deletePod])
    expect(await ask(refuse, request)).toBeInstanceOf(NoAnswerError);
});

test('the refusal of a webhook is the answer of the API server, though its Status has no reason', async () => {
  const said = 'admission webhook "p" denied the request: no';
  const refuse = (response: ServerResponse) =>
    sendJson(response, 403, { kind: 'Status', status: 'Failure', code: 403, message: said });
  for (const request of [createPod, deletePod])
    expect(await ask(refuse, request)).toMatchObject({ name: 'KubernetesError', status: 403, said });
});

test.each(['{}', '{"status":"ok"}', '{"kind":"Pod","metadata":{"name":"q"}}'])(
  'a success with %s is neither a list nor a deletion',
  async (body) => {
    const succeed = (response: ServerResponse) => response.end(body);
    for (const request of [listPods, deletePod])
      expect(await ask(succeed, request)).toBeInstanceOf(NoAnswerError);
  },
);

test('an answer from something in between counts as none, and does not set the clock', async () => {
  const { api, client, observed, signal } = await testKubernetes();
  api.intercept = (_request, response) => {
    response.writeHead(404, { Date: 'Thu, 01 Jan 2060 00:00:00 GMT' }).end('default backend - 404');
    return true;
  };
  await expect(getSecret(client, signal)).rejects.toThrow(/status 404, but without the API's words/);
  expect(observed).toMatchObject([{ verb: 'get', status: 0 }]);
  expect(Math.abs(client.nowMs() - Date.now())).toBeLessThan(3600_000);
});

test('only an API server without a group of APIs answers with 404 and without a Status', async () => {
  const refuse = (response: ServerResponse) => response.writeHead(404).end('404 page not found');
  const error = await ask(refuse, (client, signal) => client.gateways.get('g', signal));
  expect(error).toMatchObject({ name: 'KubernetesError', status: 404 });
});

test('a redirect is not followed, so no other server gets the token', async () => {
  const other = await testKubernetes();
  const elsewhere = await other.api.start();
  const error = await ask((response) => {
    response.writeHead(307, { Location: `${elsewhere}${secretsPath}/s` }).end();
  }, getSecret);
  expect(error).toBeInstanceOf(NoAnswerError);
  expect(error).toMatchObject({ message: expect.stringContaining('status 307') });
  expect(other.api.requests).toEqual([]);
});

test('a server that asks to wait for years is asked again after a minute', async () => {
  const error = await ask((response) => {
    response.writeHead(503, { 'Retry-After': '999999999' }).end();
  }, listPods);
  expect(error).toMatchObject({ retryAfterMs: 60_000 });
});

test('endless headers count as no answer', async () => {
  const error = await ask(({ socket }) => {
    socket?.write(`HTTP/1.1 200 OK\r\n${'X-A: b\r\n'.repeat(10_000)}`);
  }, getSecret);
  expect(error).toBeInstanceOf(NoAnswerError);
});

test('only the status of an endless error counts', async () => {
  const error = await ask((response) => {
    response.writeHead(500);
    flood(response, ' '.repeat(1 << 16));
  }, getSecret);
  expect(error).toMatchObject({
    status: 500,
    message: `cannot get ${secretsPath}/s at the Kubernetes API: status 500`,
  });
});
