import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import { connect, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { startListening } from '../../internal/dev/testing/start-listening.ts';
import { createAuthority } from '../../internal/dev/testing/tls-fixtures.ts';
import type { KubernetesClient } from './client.ts';
import { testKubernetes } from './fixtures/test-kubernetes.ts';
import { NoAnswerError } from './kubernetes-error.ts';

/*
 * A firewall, a replaced router or a lost machine drops all packets silently: an established connection brings no more
 * answers, but does not end.
 */

const authority = createAuthority();

/** An API server that prefers HTTP/2, like a real one. Its connections can be silenced. */
async function startServer() {
  const { certificate, issue } = await authority;
  const answer = ({ url }: Http2ServerRequest, response: Http2ServerResponse) => {
    const { pathname, searchParams } = new URL(url, 'http://x');
    const name = pathname.split('/').at(-1);
    response.write(
      `${JSON.stringify({ type: 'ADDED', object: {}, kind: 'List', metadata: { name }, items: [] })}\n`,
    );
    if (!searchParams.has('watch')) response.end();
  };
  const choose = ({ protocols }: { protocols: string[] }) => (protocols.includes('h2') ? 'h2' : 'http/1.1');
  const options = { ...(await issue()), allowHTTP1: true, ALPNCallback: choose };
  const server = await startListening(createSecureServer(options, answer));
  const connections = new Set<Socket>();
  const way = await startListening(
    createServer((near) => {
      const far = connect(server.port, '127.0.0.1');
      connections.add(near);
      near.on('error', () => far.destroy()).on('close', () => far.destroy());
      far.on('error', () => near.destroy()).on('close', () => near.destroy());
      near.pipe(far).pipe(near);
    }),
  );
  onTestFinished(async () => {
    await way.close();
    await server.close();
  });
  const silence = () => {
    for (const near of connections) near.unpipe().on('data', () => undefined);
  };
  return { url: `https://127.0.0.1:${way.port}`, ca: certificate, opened: () => connections.size, silence };
}

async function testConnections(limit: { readonly answerLimitMs?: number } = {}) {
  const { ca, url, ...server } = await startServer();
  const tls = { ca: async () => ca, cert: undefined, key: undefined, insecure: false };
  return { ...server, ...(await testKubernetes({ server: url, tls, ...limit })) };
}

type Request = (client: KubernetesClient, signal: AbortSignal) => Promise<unknown>;

const requests: [string, Request][] = [
  ['a get', (client, signal) => client.pods.get('pods', signal)],
  ['a list', (client, signal) => client.pods.list({}, signal, (pod) => pod)],
  ['a create', (client, signal) => client.pods.create({ metadata: { name: 'pods' } }, signal)],
  ['a delete', (client, signal) => client.pods.delete('pods', {}, signal)],
];

test.each<[string, Request]>([
  ...requests,
  ['a watch', (client, signal) => client.pods.openWatch({}, signal)],
  ['a log', (client, signal) => client.openLog({ pod: 'a', container: 'b', follow: true }, signal)],
])(
  '%s may hang on a connection that has fallen silent, but later requests get another one',
  async (_case, request) => {
    const { client, signal, silence } = await testConnections({ answerLimitMs: 5000 });
    await request(client, signal);
    silence();
    const errors: unknown[] = [];
    for (let n = 0; n < 4; n++) await request(client, signal).catch((error: unknown) => errors.push(error));
    expect(errors.length).toBeLessThanOrEqual(1);
    for (const error of errors) expect(error).toBeInstanceOf(NoAnswerError);
  },
);

test.each(requests)('%s leaves its connection to the next request', async (_case, request) => {
  const { client, opened, signal } = await testConnections();
  for (let count = 0; count < 10; count++) await request(client, signal);
  // A connection is free again a moment after its answer.
  expect(opened()).toBeLessThanOrEqual(2);
});

test('asks for a thousand objects over a hundred connections', async () => {
  const { client, opened, signal } = await testConnections();
  const names = Array.from({ length: 1000 }, (_, index) => `pod-${index}`);
  const pods = await Promise.all(names.map((name) => client.pods.get(name, signal)));
  expect(pods.map(({ metadata }) => metadata?.name)).toEqual(names);
  expect(opened()).toBeLessThanOrEqual(100);
});

test('watches take no connection away from requests', async () => {
  const { client, opened, signal } = await testConnections();
  // One after the other: this process makes both halves of each handshake, which have a time limit.
  for (let count = 0; count < 150; count++) await client.pods.openWatch({}, signal);
  await client.pods.get('pods', signal);
  expect(opened()).toBe(151);
});
