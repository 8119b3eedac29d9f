import { createServer } from 'node:https';
import { expect, onTestFinished, test } from 'vitest';
import { startListening } from '../../internal/dev/testing/start-listening.ts';
import { createAuthority } from '../../internal/dev/testing/tls-fixtures.ts';
import { testKubernetes } from './fixtures/test-kubernetes.ts';
import { NoAnswerError } from './kubernetes-error.ts';

test('a cluster may replace its authority while the program runs', async () => {
  const [old, next] = await Promise.all([createAuthority('old'), createAuthority('new')]);
  const server = createServer(await old.issue(), (_request, response) => {
    response.setHeader('Connection', 'close').end('{"metadata":{"name":"p"}}');
  });
  const { close, port } = await startListening(server);
  onTestFinished(close);
  let ca = old.certificate;
  const tls = { ca: async () => ca, cert: undefined, key: undefined, insecure: false };
  const { client, signal } = await testKubernetes({ server: `https://127.0.0.1:${port}`, tls });
  const ask = () => client.pods.get('p', signal);
  await ask();
  server.setSecureContext(await next.issue());
  await expect(ask()).rejects.toThrow(NoAnswerError);
  ca = `${old.certificate}${next.certificate}`;
  expect(await ask()).toEqual({ metadata: { name: 'p' } });
});
