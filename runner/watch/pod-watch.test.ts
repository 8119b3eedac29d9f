import type { Event, Pod } from 'kubernetes-types/core/v1.d.ts';
import { expect, test } from 'vitest';
import { podsPath, testKubernetes } from '../../clients/kubernetes/fixtures/test-kubernetes.ts';
import { Informer } from '../../clients/kubernetes/informer.ts';
import { sendStatus } from '../../internal/dev/kubernetes-api/answers.ts';
import type { StoredObject } from '../../internal/dev/kubernetes-api/object-store.ts';
import { waitFor } from '../../internal/dev/testing/wait-for.ts';
import { knownEvent, knownPod } from '../verdict/known-pod.ts';
import type { PodView } from '../verdict/pod-view.ts';
import { PodWatch } from './pod-watch.ts';

/** A watch of all Pods, and everything that it showed to a viewer of the Pod `pod-a`. */
async function startWatch({ unseenMs = 3_600_000, staleMs = 1 } = {}) {
  const kubernetes = await testKubernetes();
  const { api, client, signal } = kubernetes;
  const settings = { selection: {}, backoff: { first: 1, longest: 5 }, onTrouble: () => undefined };
  const pods = new Informer(client.pods, { ...settings, extract: knownPod });
  const events = new Informer(client.events, { ...settings, extract: knownEvent, keeps: false });
  const watch = new PodWatch(client, pods, events, { unseenMs, staleMs });
  const run = async () => {
    void pods.run(signal);
    void events.run(signal);
    await Promise.all([pods.synced, events.synced]);
    await waitFor('the watches', () => api.watches === 2);
  };
  const views: PodView[] = [];
  const view = (first: object) => watch.view('pod-a', first as Pod, (shown) => views.push(shown), signal);
  const last = () => views.at(-1);
  const putEvent = (name: string, about: object = { name: 'pod-a', uid: 'uid-of-a' }) =>
    api.put('/api/v1/namespaces/runner/events', {
      metadata: { name },
      involvedObject: about,
    } as StoredObject) as Event & StoredObject;
  return { ...kubernetes, last, putEvent, run, view, watch };
}

const gone = (view: PodView | undefined) => view?.gone === true;

test('knows which of the Pods are followed', async () => {
  const { api, run, watch } = await startWatch();
  for (const name of ['pod-a', 'pod-b']) api.put(podsPath, { metadata: { name } });
  await run();
  for (const name of ['pod-a', 'pod-c']) watch.follow(name);
  expect([...watch.followedPods()].map(({ metadata }) => metadata?.name)).toEqual(['pod-a']);
});

test('shows a Pod with its events, and its end with its last state', async () => {
  const { api, last, putEvent, run, view, watch } = await startWatch();
  await run();
  const pod = api.put(podsPath, { metadata: { name: 'pod-a', uid: 'uid-of-a' } });
  watch.follow('pod-a');
  view(pod);
  putEvent('pulled');
  await waitFor('the event', () => last()?.events[0]?.metadata.name === 'pulled');
  api.put(podsPath, { metadata: { name: 'pod-a' }, ...{ status: { phase: 'Failed' } } });
  api.remove(podsPath, 'pod-a');
  await waitFor('the end', () => gone(last()));
  expect(last()).toMatchObject({ endMissed: false, pod: { status: { phase: 'Failed' } } });
});

test('a Pod that vanishes from the watch with its labels is not gone, and is asked for again', async () => {
  const { api, last, run, view } = await startWatch({ unseenMs: 5 });
  await run();
  const pod = api.put(podsPath, { metadata: { name: 'pod-a' } });
  view(pod);
  api.sendToWatches(`${JSON.stringify({ type: 'DELETED', object: pod })}\n`);
  api.put(podsPath, { metadata: { name: 'pod-b' } });
  await waitFor('a live look', () => api.requests.some(({ path }) => path === `${podsPath}/pod-a`));
  expect(gone(last())).toBe(false);
  api.intercept = ({ path, query }) => path === podsPath && query.get('watch') === 'true';
  api.sendToWatches('', 'end');
  await waitFor('the end of the watches', () => api.watches < 2);
  api.put(podsPath, { metadata: { name: 'pod-a' }, ...{ status: { phase: 'Running' } } });
  await waitFor('its next state', () => last()?.pod?.status?.phase === 'Running');
  api.remove(podsPath, 'pod-a');
  await waitFor('its end', () => gone(last()));
  expect(last()).toMatchObject({ endMissed: true });
});

test('the end of a Pod that a list no longer has was missed', async () => {
  const { api, last, run, view } = await startWatch();
  const pod = api.put(podsPath, { metadata: { name: 'pod-a' } });
  await run();
  view(pod);
  let isAway = true;
  api.intercept = ({ path, query }) => isAway && path === podsPath && query.get('watch') === 'true';
  api.sendToWatches('', 'reset');
  api.put(podsPath, { metadata: { name: 'pod-a' }, ...{ status: { phase: 'Running' } } });
  api.remove(podsPath, 'pod-a');
  api.forgetHistory();
  isAway = false;
  await waitFor('the end', () => gone(last()));
  expect(last()).toMatchObject({ endMissed: true });
});

test('a trace has the last state of a Pod, also of one that is gone', async () => {
  const { api, run, watch } = await startWatch();
  await run();
  using trace = watch.trace('pod-a');
  expect(trace.pod).toBeUndefined();
  api.put(podsPath, { metadata: { name: 'pod-b' } });
  api.put(podsPath, { metadata: { name: 'pod-a' }, ...{ status: { phase: 'Running' } } });
  api.remove(podsPath, 'pod-a');
  api.remove(podsPath, 'pod-b');
  using other = watch.trace('pod-c');
  api.put(podsPath, { metadata: { name: 'pod-c' } });
  await waitFor('the last change', () => other.pod);
  expect(trace.pod).toMatchObject({ metadata: { name: 'pod-a' }, status: { phase: 'Running' } });
});

test('a Pod that was deleted before the watch showed it is gone once a list lacks it', async () => {
  const { api, last, run, view } = await startWatch();
  view({ metadata: { name: 'pod-a', uid: 'uid-of-a' } });
  expect(gone(last())).toBe(false);
  await run();
  await waitFor('the end', () => gone(last()));
  expect(api.requests.filter(({ path }) => path === `${podsPath}/pod-a`)).toHaveLength(1);
});

test('the API server is asked for a Pod that the watch never shows', { tags: ['timed'] }, async () => {
  const { last, run, view } = await startWatch({ unseenMs: 20 });
  await run();
  view({ metadata: { name: 'pod-a', uid: 'uid-of-a' } });
  await waitFor('the end', () => gone(last()));
});

test('a Pod that a list lacks is not gone if the API server has it', async () => {
  const { api, last, run, view } = await startWatch();
  const pod = api.put(podsPath, { metadata: { name: 'pod-a' } });
  await run();
  view(pod);
  api.intercept = (request, response) => {
    const isList = request.path === podsPath;
    if (isList && request.query.get('watch') === 'true') sendStatus(response, 410, 'Expired', 'too old');
    else if (isList) response.end('{"kind":"List","items":[],"metadata":{"resourceVersion":"1"}}');
    return isList;
  };
  api.sendToWatches('', 'end');
  await waitFor('a live look', () => api.requests.some(({ path }) => path === `${podsPath}/pod-a`));
  expect(gone(last())).toBe(false);
});

test('the API server is asked until it answers', async () => {
  const { api, last, run, view } = await startWatch();
  let failures = 2;
  api.intercept = (request, response) => {
    if (request.path !== `${podsPath}/pod-a` || failures-- <= 0) return false;
    sendStatus(response, 503, 'ServiceUnavailable', 'later');
    return true;
  };
  view({ metadata: { name: 'pod-a' } });
  await run();
  await waitFor('the end', () => gone(last()));
});

test.each([
  ['at once', 0, 1],
  ['at once, although a watch has broken', 1, 1],
  ['after a while, although watches can still not be begun', Number.POSITIVE_INFINITY, 2],
])('a Pod is up to date %s', async (_when, failures, asked) => {
  const { api, run, signal, watch } = await startWatch({ staleMs: 5000 });
  api.put(podsPath, { metadata: { name: 'pod-a' } } as StoredObject);
  let failed = 0;
  api.intercept = ({ path, query }, response) => {
    if (path !== podsPath || !query.has('watch') || failed === failures) return false;
    failed++;
    sendStatus(response, 503, 'ServiceUnavailable', 'later');
    return true;
  };
  const running = run();
  await (failures === Number.POSITIVE_INFINITY ? waitFor('the failures', () => failed > 2) : running);
  const pod = { metadata: { name: 'pod-a' } };
  expect(await watch.confirmUpToDate(pod, signal)).toMatchObject(pod);
  expect(api.requests.filter(({ path }) => path === `${podsPath}/pod-a`)).toHaveLength(asked);
});

test.each([
  ['comes while the watch lasts', false],
  ['came while the watch was broken', true],
])('a Pod is gone if another one %s, and has its name', async (_when, isBroken) => {
  const { api, last, run, signal, view, watch } = await startWatch();
  const pod = api.put(podsPath, { metadata: { name: 'pod-a', uid: 'uid-of-a' } });
  await run();
  view(pod);
  await waitFor('the Pod', () => last()?.pod !== undefined);
  if (isBroken) {
    api.sendToWatches('', 'reset');
    api.forgetHistory();
  }
  api.remove(podsPath, 'pod-a');
  const status = { phase: 'Succeeded' };
  api.put(podsPath, { metadata: { name: 'pod-a', uid: 'uid-of-another' }, ...{ status } });
  await waitFor('the end', () => gone(last()));
  expect(last()?.pod).toMatchObject({ metadata: { uid: 'uid-of-a' } });
  expect(last()?.pod?.status?.phase).toBeUndefined();
  expect(await watch.confirmUpToDate(pod, signal)).toBeUndefined();
});

test('the events of a Pod are kept as long as it is followed', async () => {
  const { last, putEvent, run, signal, view, watch } = await startWatch();
  await run();
  const pod = { metadata: { name: 'pod-a', uid: 'uid-of-a' } };
  const other = { metadata: { name: 'pod-c', uid: 'uid-of-c' } };
  watch.follow('pod-c');
  let others = 0;
  const countOthers = ({ events }: PodView) => {
    others = events.length;
  };
  watch.view('pod-c', other as Pod, countOthers, signal);
  view(pod);
  putEvent('unfollowed');
  putEvent('of another Pod', { name: 'pod-c', uid: 'uid-of-c' });
  await waitFor('the event of another Pod', () => others === 1);
  watch.follow('pod-a');
  putEvent('of an earlier Pod', { name: 'pod-a', uid: 'uid-of-another' });
  putEvent('followed');
  await waitFor('the event', () => last()?.events.length === 1);
  expect(last()?.events).toMatchObject([{ metadata: { name: 'followed' } }]);
  watch.unfollow('pod-a');
  watch.follow('pod-a');
  view(pod);
  expect(last()?.events).toEqual([]);
});

test('events of a list are put in its order among those of the watch, and do not replace them', async () => {
  const { last, putEvent, run, view, watch } = await startWatch();
  await run();
  watch.follow('pod-a');
  view({ metadata: { name: 'pod-a', uid: 'uid-of-a' } });
  const older = knownEvent(putEvent('e'));
  const newest = putEvent('e');
  putEvent('latest');
  await waitFor('the newest events', () => last()?.events.length === 2);
  const [before, after] = ['before', 'after'].map((name) => ({ ...older, metadata: { name, uid: name } }));
  const listed = [before, older, after].flatMap((event) => event ?? []);
  watch.addEvents('pod-a', listed);
  watch.addEvents('pod-b', listed);
  expect(last()?.events.map(({ metadata }) => metadata.name)).toEqual(['before', 'e', 'after', 'latest']);
  expect(last()?.events[1]?.metadata.resourceVersion).toBe(newest.metadata.resourceVersion);
  expect([...watch.followed]).toEqual(['pod-a']);
});
