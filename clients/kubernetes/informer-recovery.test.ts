import type { ServerResponse } from 'node:http';
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { expect, onTestFinished, test, vi } from 'vitest';
import { sendJson, sendStatus } from '../../internal/dev/kubernetes-api/answers.ts';
import type { FakeKubernetesApi } from '../../internal/dev/kubernetes-api/fake-kubernetes-api.ts';
import { waitFor } from '../../internal/dev/testing/wait-for.ts';
import { startInformer } from './fixtures/test-informer.ts';
import { podsPath, testKubernetes } from './fixtures/test-kubernetes.ts';
import { Informer } from './informer.ts';

/** Answers one list like an etcd that is then restored from an older backup, which does not have the object. */
function listBeforeRestore(api: FakeKubernetesApi): void {
  api.intercept = (_request, response) => {
    api.intercept = () => false;
    const lost = { metadata: { name: 'lost', uid: 'of-lost', resourceVersion: '5000' } };
    sendJson(response, 200, { kind: 'List', items: [lost], metadata: { resourceVersion: '5000' } });
    return true;
  };
}

test('lists again after a watch that shows nothing, as after a restore of etcd', {
  tags: ['timed'],
}, async () => {
  const { api, put, run, tells } = await startInformer({ silenceMs: 20 });
  listBeforeRestore(api);
  put('new');
  await run();
  put('newer');
  await tells('deleted lost missed');
  await tells('set new');
  await tells('set newer');
});

test('lists again after a watch that shows nothing until the API server ends it in time', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const { api, put, run, tells, troubles } = await startInformer();
  listBeforeRestore(api);
  await run();
  put('new');
  vi.advanceTimersByTime(300_000);
  api.sendToWatches('', 'end');
  await tells('deleted lost missed');
  await tells('set new');
  expect(troubles).toEqual([]);
});

test('continues where it was when a watch falls silent that has shown something', {
  tags: ['timed'],
}, async () => {
  const { api, put, run, tells, troubles } = await startInformer({ silenceMs: 200 });
  api.intercept = ({ query }) => {
    if (query.get('watch') === 'true' && troubles.length === 0) put('a');
    return false;
  };
  await run();
  await tells('set a');
  await waitFor('another request', () => api.requests.length > 2);
  expect(api.requests[2]?.query.get('watch')).toBe('true');
});

test('lists again when watches end at once that show nothing, as those of events from a version that is too old', async () => {
  const { api, informer, lists, put, signal, tells, troubles } = await startInformer();
  api.intercept = ({ query }, response) => {
    if (query.get('watch') === null || lists() > 1) return false;
    put('missed');
    response.end();
    return true;
  };
  void informer.run(signal);
  await tells('set missed');
  put('next');
  await tells('set next');
  expect(troubles).toEqual([]);
});

test('reports objects that are not kept again when its place is too old, however many there are', async () => {
  const { api, lists, put, run, tells, told } = await startInformer({ keeps: false });
  const names = Array.from({ length: 250 }, (_, index) => `object-${index}`);
  for (const name of names) put(name);
  let isTooOld = false;
  api.intercept = ({ query }, response) => {
    if (query.get('watch') === null || !isTooOld) return false;
    isTooOld = false;
    sendStatus(response, 410, 'Expired', 'too old');
    return true;
  };
  await run();
  expect(told).toEqual([]);
  expect(lists()).toBe(1);
  isTooOld = true;
  api.sendToWatches('', 'end');
  await tells('set object-249');
  expect(told).toEqual(names.map((name) => `set ${name}`));
});

test('keeps its place while its right is not known, and if a watch that was cut is followed by one that ends at once', async () => {
  const { api, informer, lists, put, signal, tells } = await startInformer();
  const troubles: ((response: ServerResponse) => unknown)[] = [
    (response) => sendStatus(response, 403, 'Forbidden', 'cannot watch resource "pods"'),
    (response) => response.destroy(),
    (response) => response.end(),
  ];
  api.intercept = ({ query }, response) => {
    const trouble = query.get('watch') === null ? undefined : troubles.shift();
    trouble?.(response);
    return trouble !== undefined;
  };
  void informer.run(signal);
  await waitFor('the last trouble', () => troubles.length === 0);
  put('a');
  await tells('set a');
  expect(lists()).toBe(1);
});

test.each([
  [400, 'BadRequest'],
  [422, 'Invalid'],
])('lists again when its place is refused with %d', async (status, reason) => {
  const { api, informer, lists, put, signal, tells, troubles } = await startInformer();
  api.intercept = ({ query }, response) => {
    if (query.get('watch') === null || lists() > 1) return false;
    put('missed');
    sendStatus(response, status, reason, 'resourceVersion: Invalid value: "101"');
    return true;
  };
  void informer.run(signal);
  await tells('set missed');
  expect(troubles).toHaveLength(1);
});

test('begins the next watch soon, however many have been cut after a while', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const { api, put, run, tells, troubles, watching } = await startInformer({
    backoff: { first: 1, longest: 3_600_000 },
  });
  await run();
  for (let count = 1; count <= 20; count++) {
    vi.advanceTimersByTime(35_000);
    api.sendToWatches('', 'reset');
    await waitFor('the end of the watch', () => troubles.length === count);
    await watching();
  }
  put('a');
  await tells('set a');
});

test.each(['end', 'reset'] as const)(
  'continues where it was when a watch ends by %s, without a list',
  async (how) => {
    const { api, lists, put, run, tells, told, watching } = await startInformer();
    await run();
    put('a');
    await tells('set a');
    api.sendToWatches('', how);
    await waitFor('the end of the watch', () => api.watches === 0);
    put('b');
    await watching();
    await tells('set b');
    expect(told).toEqual(['set a', 'set b']);
    expect(lists()).toBe(1);
  },
);

test('loses nothing when a connection breaks in the middle of an event', async () => {
  const { api, put, run, tells, told, troubles } = await startInformer();
  await run();
  put('a');
  await tells('set a');
  api.sendToWatches('{"type":"MODIFIED","object":{"metadata":{"name":"a"', 'end');
  put('b');
  await tells('set b');
  expect(told).toEqual(['set a', 'set b']);
  expect(troubles).toHaveLength(1);
});

test('follows bookmarks, so that its place does not expire during a quiet watch', async () => {
  const { api, put, run, watching } = await startInformer();
  await run();
  put('other-kind');
  api.sendToWatches('{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"4711"}}}\n', 'end');
  await waitFor('another watch', () =>
    api.requests.some(({ query }) => query.get('resourceVersion') === '4711'),
  );
  await watching();
});

test.each(['as a status', 'within the watch'])(
  'lists again when the API server no longer knows its place, reported %s',
  async (how) => {
    const { api, put, run, tells, troubles } = await startInformer();
    put('stays');
    put('goes');
    await run();
    if (how === 'as a status') {
      let broken = false;
      api.intercept = (request, response) => {
        // While nobody watches, one object is deleted and another one is created.
        if (request.query.get('watch') !== 'true' || broken) return false;
        broken = true;
        api.remove(podsPath, 'goes');
        put('comes');
        api.forgetHistory();
        sendStatus(response, 410, 'Expired', 'too old');
        return true;
      };
      api.sendToWatches('', 'end');
    } else {
      const gone = {
        type: 'ERROR',
        object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' },
      };
      api.intercept = (request) => {
        if (request.query.get('watch') === null && api.get(podsPath, 'goes')) {
          api.remove(podsPath, 'goes');
          put('comes');
        }
        return false;
      };
      api.sendToWatches(`${JSON.stringify(gone)}\n`, 'end');
    }
    await tells('deleted goes missed');
    await tells('set comes');
    expect(troubles).toEqual([]);
  },
);

test('lists from the beginning when the API server no longer knows the place between two pages', async () => {
  const { api, informer, put, run, troubles } = await startInformer();
  api.pageSize = 1;
  put('a');
  put('b');
  let expired = false;
  api.intercept = (request, response) => {
    if (request.query.get('continue') === null || expired) return false;
    expired = true;
    api.remove(podsPath, 'a');
    sendStatus(response, 410, 'Expired', 'the continue token is too old');
    return true;
  };
  await run();
  expect([...informer.all()].map(({ metadata }) => metadata?.name)).toEqual(['b']);
  expect(troubles).toEqual([]);
});

test('keeps what it knows while the API server is away, and continues when it is back', async () => {
  const { api, informer, lists, put, run, tells, troubles } = await startInformer();
  put('a');
  await run();
  api.intercept = (_request, response) => {
    response.socket?.resetAndDestroy();
    return true;
  };
  api.sendToWatches('', 'reset');
  await waitFor('some failures', () => troubles.length >= 3);
  expect(informer.get('a')).toBeDefined();
  api.intercept = () => false;
  put('b');
  await tells('set b');
  expect(lists()).toBe(1);
});

test('waits as long as a busy server asks', { tags: ['timed'] }, async () => {
  const { api, client, signal } = await testKubernetes();
  const askedMs: number[] = [];
  api.intercept = (_request, response) => {
    askedMs.push(performance.now());
    if (askedMs.length > 1) return false;
    response.setHeader('Retry-After', '1');
    sendStatus(response, 429, 'TooManyRequests', 'busy');
    return true;
  };
  const informer = new Informer<Pod>(client.pods, {
    selection: {},
    extract: (pod) => pod,
    backoff: { first: 1, longest: 1 },
    onTrouble: () => undefined,
  });
  void informer.run(signal);
  await informer.synced;
  expect((askedMs[1] ?? 0) - (askedMs[0] ?? 0)).toBeGreaterThanOrEqual(990);
});
