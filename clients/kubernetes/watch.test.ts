import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { expect, test } from 'vitest';
import { testKubernetes } from './fixtures/test-kubernetes.ts';
import { NoAnswerError } from './kubernetes-error.ts';
import type { Objects } from './objects.ts';
import { events, pods } from './resources.ts';
import { silenceLimitOf, watch } from './watch.ts';

async function first(objects: Objects<Pod>, signal: AbortSignal, silenceMs?: number) {
  for await (const event of watch(objects, {}, '1', signal, { silenceMs })) return event;
  return undefined;
}

test('a silent watch counts as dead', { tags: ['timed'] }, async () => {
  const { client, signal } = await testKubernetes();
  await expect(first(client.pods, signal, 20)).rejects.toBeInstanceOf(NoAnswerError);
});

test('a watch without bookmarks may be silent until the API server has ended it', () => {
  const longestWatchMs = 600_000;
  expect(silenceLimitOf(pods)).toBeLessThan(longestWatchMs);
  expect(silenceLimitOf(events)).toBeGreaterThan(longestWatchMs);
});

test('a watch asks for bookmarks and for an end within ten minutes, at a time of its own', async () => {
  const { api, client, signal } = await testKubernetes();
  api.intercept = (_request, response) => {
    response.end();
    return true;
  };
  for (let count = 0; count < 20; count++) await first(client.pods, signal);
  const seconds = api.requests.map(({ query }) => Number(query.get('timeoutSeconds')));
  expect(Math.min(...seconds)).toBeGreaterThanOrEqual(300);
  expect(Math.max(...seconds)).toBeLessThan(600);
  expect(new Set(seconds).size).toBeGreaterThan(1);
  expect(api.requests.every(({ query }) => query.get('allowWatchBookmarks') === 'true')).toBe(true);
});

test('a watch that is no longer read is closed', async () => {
  const { api, client, signal } = await testKubernetes();
  const closed = Promise.withResolvers<void>();
  api.intercept = (_request, response) => {
    response.once('close', closed.resolve);
    response.write('{"type":"ADDED","object":{"metadata":{"name":"a"}}}\n');
    return true;
  };
  expect(await first(client.pods, signal)).toMatchObject({ type: 'ADDED' });
  await closed.promise;
});
