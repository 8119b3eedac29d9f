import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { expect, onTestFinished, test, vi } from 'vitest';
import { sendJson, sendStatus } from '../../internal/dev/kubernetes-api/answers.ts';
import type { FakeKubernetesApi } from '../../internal/dev/kubernetes-api/fake-kubernetes-api.ts';
import { waitFor } from '../../internal/dev/testing/wait-for.ts';
import { Informer } from './informer.ts';
import { podsPath, testKubernetes } from './test-kubernetes.ts';

/** A running informer, and a record of what it reported. */
async function startInformer(settings: { keeps?: boolean; silenceMs?: number } = {}) {
  const kubernetes = await testKubernetes();
  const { api, client, signal } = kubernetes;
  const troubles: unknown[] = [];
  const told: string[] = [];
  const informer = new Informer<Pod>(client.pods, {
    selection: { labelSelector: 'mine=yes' },
    ...settings,
    extract: ({ spec: _, ...rest }) => rest,
    backoff: { first: 1, longest: 5 },
    onTrouble: (error) => troubles.push(error),
  });
  informer.listen((change) => {
    const seen = change.type === 'deleted' ? ` ${change.seen ? 'seen' : 'missed'}` : '';
    told.push(`${change.type} ${change.object.metadata?.name}${seen}`);
  });
  const put = (name: string, rest: object = {}) =>
    api.put(podsPath, { ...rest, metadata: { name, labels: { mine: 'yes' } } });
  const run = async () => {
    void informer.run(signal);
    await informer.synced;
    await watching();
  };
  const watching = () => waitFor('a watch', () => api.watches > 0);
  const tells = (text: string) => waitFor(text, () => told.includes(text));
  const lists = () => api.requests.filter(({ query }) => query.get('watch') === null).length;
  return { ...kubernetes, informer, troubles, told, put, run, tells, watching, lists };
}

test('knows the objects that exist, and their changes', async () => {
  const { api, informer, put, run, tells, told } = await startInformer();
  api.pageSize = 1;
  put('a');
  put('b');
  await run();
  expect([...informer.all()].map(({ metadata }) => metadata?.name)).toEqual(['a', 'b']);
  put('c');
  await tells('set c');
  put('a', { changed: true });
  await waitFor('the change', () => told.filter((text) => text === 'set a').length === 2);
  api.remove(podsPath, 'b');
  await tells('deleted b seen');
  expect(informer.get('a')).toMatchObject({ changed: true });
  expect(informer.get('b')).toBeUndefined();
});

/** Answers one list like an etcd that is then restored from an older backup, which does not have the object. */
function listBeforeRestore(api: FakeKubernetesApi): void {
  api.intercept = (_request, response) => {
    api.intercept = () => false;
    const lost = { metadata: { name: 'lost', uid: 'of-lost', resourceVersion: '5000' } };
    sendJson(response, 200, { items: [lost], metadata: { resourceVersion: '5000' } });
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

test('keeps and reports only the extracted part of an object', async () => {
  const { api, informer, put, run, tells } = await startInformer();
  const told: unknown[] = [];
  informer.listen(({ object }) => told.push(object));
  const spec = { nodeName: 'node-1', containers: [] };
  put('listed', { spec });
  await run();
  put('watched', { spec, status: { phase: 'Pending' } });
  await tells('set watched');
  api.remove(podsPath, 'listed');
  await tells('deleted listed seen');
  expect(informer.get('watched')).toMatchObject({ status: { phase: 'Pending' } });
  expect(told).toHaveLength(3);
  for (const object of [...told, informer.get('watched')]) expect(object).not.toHaveProperty('spec');
});

test('reports objects that are not to be kept, and keeps none', async () => {
  const { api, informer, put, run, tells } = await startInformer({ keeps: false });
  put('a');
  await run();
  await tells('set a');
  put('b');
  await tells('set b');
  expect([...informer.all()]).toEqual([]);
  api.remove(podsPath, 'a');
  await tells('deleted a seen');
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

test('a new object with the name of a deleted one is a different object', async () => {
  const { api, put, run, tells, told } = await startInformer();
  put('a');
  await run();
  api.intercept = (request, response) => {
    if (request.query.get('watch') !== 'true' || told.length > 1) return false;
    api.remove(podsPath, 'a');
    put('a');
    sendStatus(response, 410, 'Expired', 'too old');
    return true;
  };
  api.sendToWatches('', 'end');
  await tells('deleted a missed');
  await waitFor('the new one', () => told.at(-1) === 'set a');
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

test.each([5.5, {}, [['x']]])(
  'an object whose version is %j, and no text, keeps no other object from getting through',
  async (resourceVersion) => {
    const { api, put, run, tells } = await startInformer();
    api.intercept = ({ query }, response) => {
      if (query.get('watch') === null || /^\d+$/.test(query.get('resourceVersion') ?? '')) return false;
      sendStatus(response, 400, 'BadRequest', 'invalid resource version');
      return true;
    };
    await run();
    const odd = { type: 'ADDED', object: { metadata: { name: 'odd', resourceVersion } } };
    api.sendToWatches(`${JSON.stringify(odd)}\n`, 'end');
    await tells('set odd');
    put('even');
    await tells('set even');
  },
);

test('an error that a listener throws at one object is reported, and other objects still get through', async () => {
  const { informer, put, run, tells, troubles } = await startInformer();
  informer.listen(({ object }) => {
    if (object.metadata?.name === 'odd') throw new TypeError('status is no object');
  });
  put('odd');
  await run();
  put('a');
  await tells('set a');
  expect(troubles).toEqual([
    new Error('odd is not understood', { cause: new TypeError('status is no object') }),
  ]);
});
