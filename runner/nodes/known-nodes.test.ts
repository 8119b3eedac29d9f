import { expect, onTestFinished, test, vi } from 'vitest';
import { testKubernetes } from '../../clients/kubernetes/fixtures/test-kubernetes.ts';
import { sendStatus } from '../../internal/dev/kubernetes-api/answers.ts';
import { RecordingLogger } from '../../internal/dev/testing/recording-logger.ts';
import { waitFor } from '../../internal/dev/testing/wait-for.ts';
import { KnownNodes } from './known-nodes.ts';

/** The nodes of a cluster with one node. */
async function knowNodes() {
  const { api, client, signal } = await testKubernetes();
  api.put('/api/v1/nodes', { metadata: { name: 'a' } });
  const logger = new RecordingLogger();
  const { events: lines } = logger;
  const nodes = new KnownNodes(client, logger);
  const namesOf = async () => (await nodes.recent(signal)).map(({ metadata }) => metadata?.name);
  return { api, lines, namesOf, nodes, signal };
}

test.each<[string, { readonly metadata?: object; readonly spec?: object }, string]>([
  ['malformed labels', { metadata: { labels: 'x' } }, 'metadata.labels must be an object, but is a string'],
  ['malformed taints', { spec: { taints: 5 } }, 'spec.taints must be an array, but is a number'],
  ['a malformed taint', { spec: { taints: [null] } }, 'spec.taints[0] must be an object, but is null'],
])('a node with %s is left out, and one line names it', async (_case, part, problem) => {
  const { api, lines, namesOf } = await knowNodes();
  for (const name of ['b', 'c']) api.put('/api/v1/nodes', { ...part, metadata: { ...part.metadata, name } });
  expect(await namesOf()).toEqual(['a']);
  expect(lines).toEqual([
    {
      level: 'warn',
      message: 'a node is malformed, and left out',
      fields: { node: 'b', problem, 'nodes.malformed': 2 },
    },
  ]);
});

test('nodes are not listed for each task', async () => {
  const { api, namesOf } = await knowNodes();
  expect(await Promise.all([namesOf(), namesOf()])).toEqual([['a'], ['a']]);
  expect(await namesOf()).toEqual(['a']);
  expect(api.requests).toHaveLength(1);
});

test('a list that somebody else has asked for is used', async () => {
  const { api, namesOf, nodes, signal } = await knowNodes();
  await nodes.refresh(signal);
  expect(await namesOf()).toEqual(['a']);
  expect(api.requests).toHaveLength(1);
});

test('without the right to list nodes, none are known, and one warning asks for the right, which may come', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const { api, lines, namesOf } = await knowNodes();
  api.intercept = (_request, response) => {
    sendStatus(response, 403, 'Forbidden', 'nodes is forbidden');
    return true;
  };
  expect([await namesOf(), await namesOf()]).toEqual([[], []]);
  expect(api.requests).toHaveLength(1);
  vi.advanceTimersByTime(60_000);
  expect(await namesOf()).toEqual([]);
  expect(api.requests).toHaveLength(2);
  expect(lines).toHaveLength(1);
  api.intercept = () => false;
  vi.advanceTimersByTime(60_000);
  expect(await namesOf()).toEqual(['a']);
});

test('after a failed list, the tasks of the next ten seconds use the one before', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const { api, lines, namesOf } = await knowNodes();
  expect(await namesOf()).toEqual(['a']);
  api.intercept = (_request, response) => {
    sendStatus(response, 400, 'BadRequest', 'no');
    return true;
  };
  vi.advanceTimersByTime(60_000);
  expect([await namesOf(), await namesOf()]).toEqual([['a'], ['a']]);
  await waitFor('the failure', () => lines.length === 1);
  expect(await namesOf()).toEqual(['a']);
  expect(api.requests).toHaveLength(2);
  vi.advanceTimersByTime(10_000);
  expect(await namesOf()).toEqual(['a']);
  await waitFor('another request', () => api.requests.length === 3);
});

test('while nothing is known, each task asks', async () => {
  const { api, namesOf } = await knowNodes();
  api.intercept = (_request, response) => {
    sendStatus(response, 503, 'ServiceUnavailable', 'no');
    return true;
  };
  expect(await namesOf()).toEqual([]);
  api.intercept = () => false;
  expect(await namesOf()).toEqual(['a']);
});
