import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { runSmokeTests } from './run-smoke-tests.ts';

const project = '/api/v2/project/github/circleci/runner-smoke-tests/pipeline';

/** CircleCI's API with one pipeline, of which the workflow has each of the statuses in turn and then the last for ever. */
async function startApi(statuses: readonly (string | undefined)[]) {
  const calls: string[] = [];
  let asked = 0;
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    calls.push(`${request.method} ${request.url} ${request.headers['circle-token']} ${body}`.trim());
    const status = statuses[Math.min(asked, statuses.length - 1)];
    const answers: Record<string, unknown> = {
      [project]: { id: 'p1', number: 7 },
      '/api/v2/pipeline/p1/workflow': { items: status ? [{ id: 'w1', name: 'kubernetes', status }] : [] },
      '/api/v2/workflow/w1/cancel': {},
    };
    if (request.url?.endsWith('/workflow')) asked += 1;
    const answer = answers[request.url ?? ''];
    response.writeHead(answer ? 200 : 404).end(JSON.stringify(answer ?? {}));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  return { host: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls };
}

function options(host: string, limitMs = 60_000) {
  const parameters = { kubernetes_runner_init_tag: 'agent-1' };
  return { host, token: 't0ken', branch: 'main', parameters, pollMs: 1, limitMs, log: () => {} };
}

test('starts the pipeline with its parameters and waits until the workflow has succeeded', async () => {
  const { host, calls } = await startApi([undefined, 'running', 'success']);
  await runSmokeTests(options(host));
  expect(calls).toEqual([
    `POST ${project} t0ken {"branch":"main","parameters":{"kubernetes_runner_init_tag":"agent-1"}}`,
    ...Array(3).fill('GET /api/v2/pipeline/p1/workflow t0ken'),
  ]);
});

test('fails when the workflow does', async () => {
  const { host } = await startApi(['failed']);
  await expect(runSmokeTests(options(host))).rejects.toThrow('the smoke tests have ended with failed');
});

test('cancels a workflow that takes too long', async () => {
  const { host, calls } = await startApi(['running']);
  await expect(runSmokeTests(options(host, 50))).rejects.toThrow(/have not ended after .* min: running/);
  expect(calls.at(-1)).toBe('POST /api/v2/workflow/w1/cancel t0ken');
});

test('says what the API answered when it refuses', async () => {
  const { host } = await startApi([]);
  await expect(runSmokeTests(options(`${host}/elsewhere`))).rejects.toThrow(
    /^POST project\/.* was answered 404/,
  );
});
