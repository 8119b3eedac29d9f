import { setTimeout as pause } from 'node:timers/promises';
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { expect, test } from 'vitest';
import { podsPath, testKubernetes } from '../../clients/kubernetes/fixtures/test-kubernetes.ts';
import { Informer } from '../../clients/kubernetes/informer.ts';
import { sendJson, sendStatus } from '../../internal/dev/kubernetes-api/answers.ts';
import type { StoredObject } from '../../internal/dev/kubernetes-api/object-store.ts';
import { waitFor } from '../../internal/dev/testing/wait-for.ts';
import { ended, running, sketchPod } from '../verdict/fixtures/pods.ts';
import type { PatienceMs } from '../verdict/judge-sightings.ts';
import { knownEvent, knownPod } from '../verdict/known-pod.ts';
import { PodWatch } from '../watch/pod-watch.ts';
import { awaitVerdict, type VerdictListener } from './await-verdict.ts';
import { testTaskContext } from './fixtures/test-task-context.ts';

const unscheduled = sketchPod({ node: '' });
const patience = { scheduling: 1, imageError: 60_000, imagePull: 60_000, start: 60_000 };

/** Waits for the verdict on a Pod that the watch never shows. @returns the kinds of verdicts that were seen */
async function awaitWithoutWatch(live: Pod, change: Partial<PatienceMs> = {}, staleMs = 1) {
  const { api, client, signal } = await testKubernetes();
  const settings = { selection: {}, backoff: { first: 1, longest: 5 }, onTrouble: () => undefined };
  const [pods, events] = [
    new Informer(client.pods, { ...settings, extract: knownPod }),
    new Informer(client.events, { ...settings, extract: knownEvent, keeps: false }),
  ];
  const watch = new PodWatch(client, pods, events, { unseenMs: 3_600_000, staleMs });
  api.put(podsPath, live as StoredObject);
  const seen: string[] = [];
  const listener: VerdictListener = (_, { kind }) => seen.push(kind);
  const over = awaitVerdict(watch, unscheduled, { ...patience, ...change }, listener, signal);
  over.catch(() => {}); // A running Pod has no verdict before the end of the test.
  return { api, seen, over };
}

test('a running Pod is not given up as unscheduled while the watch lags behind', async () => {
  const { seen } = await awaitWithoutWatch(sketchPod({ states: { 'container-0': running } }));
  await waitFor('a look at the live Pod', () => seen.length > 1);
  expect(seen).toEqual(['pending', 'running']);
});

test('a Pod is given up if the API server confirms that it is unscheduled', async () => {
  const { over } = await awaitWithoutWatch(unscheduled);
  expect((await over).verdict).toMatchObject({ kind: 'failed', reason: 'unschedulable' });
});

test('a Pod is not given up for what an API server shows that was away just before', async () => {
  const { api, seen } = await awaitWithoutWatch(unscheduled, {}, 500);
  let asked = 0;
  api.intercept = ({ method, path }, response) => {
    if (method !== 'GET' || !path.startsWith(`${podsPath}/`)) return false;
    asked++;
    if (asked <= 2) sendStatus(response, 503, 'ServiceUnavailable', 'it starts');
    if (asked === 3) {
      sendJson(response, 200, unscheduled);
      // What the kubelet could not write before.
      api.put(podsPath, sketchPod({ states: { 'container-0': running } }) as StoredObject);
    }
    return asked <= 3;
  };
  await waitFor('a look at the live Pod', () => seen.length > 1);
  expect(seen).toEqual(['pending', 'running']);
  expect(asked).toBe(4);
});

test('a Pod that may wait for longer than any timer lasts is not judged again and again', async () => {
  const { seen } = await awaitWithoutWatch(unscheduled, { scheduling: 2 ** 31 });
  await pause(50);
  expect(seen).toEqual(['pending']);
});

test('a Pod that is gone when it is to be given up is judged by the end that the watch shows', async () => {
  const { api, signal, context } = await testTaskContext();
  const name = unscheduled.metadata?.name;
  api.put(podsPath, unscheduled as StoredObject);
  api.intercept = ({ method, path }, response) => {
    const isAsked = method === 'GET' && path === `${podsPath}/${name}`;
    if (isAsked) sendStatus(response, 404, 'NotFound', 'it is gone');
    return isAsked;
  };
  const over = awaitVerdict(context.watch, unscheduled, patience, () => undefined, signal);
  await waitFor('a live look', () => api.requests.some(({ path }) => path === `${podsPath}/${name}`));
  api.put(podsPath, sketchPod({ states: { 'container-0': ended(0) } }) as StoredObject);
  expect((await over).verdict).toEqual({ kind: 'done' });
});
