import { expect, test } from 'vitest';
import { podsPath } from '../../clients/kubernetes/fixtures/test-kubernetes.ts';
import { sendStatus } from '../../internal/dev/kubernetes-api/answers.ts';
import type { FakeKubernetesApi } from '../../internal/dev/kubernetes-api/fake-kubernetes-api.ts';
import type { StoredObject } from '../../internal/dev/kubernetes-api/object-store.ts';
import { waitFor } from '../../internal/dev/testing/wait-for.ts';
import { ended } from '../verdict/fixtures/pods.ts';
import { startTask, unsafe } from './fixtures/start-task.ts';

/* The API server creates the Pod of a task, and nobody hears of it. */

test('a Pod whose creation was never answered is this task’s Pod', async () => {
  const { api, done, kubelet, runnerApi } = await startTask(({ kubernetes }) => {
    let lost = false;
    kubernetes.api.intercept = (request, response) => {
      if (request.method !== 'POST' || request.path !== podsPath || lost) return false;
      lost = true;
      kubernetes.api.put(podsPath, request.body as StoredObject);
      response.socket?.resetAndDestroy();
      return true;
    };
  });
  await kubelet(ended(0));
  await done;
  expect(runnerApi.told).toEqual([]);
  expect(api.requests.filter(({ method, path }) => method === 'POST' && path === podsPath)).toHaveLength(1);
});

/** Leaves each creation of a Pod unanswered. @param onCreation says what becomes of the Pod */
function loseAnswers(api: FakeKubernetesApi, onCreation: (pod: StoredObject) => unknown): void {
  api.intercept = async ({ body, method, path }, response) => {
    if (method !== 'POST' || path !== podsPath) return false;
    await onCreation(body as StoredObject);
    response.socket?.resetAndDestroy();
    return true;
  };
}

test('a Pod whose creation was never answered, and that has run and is gone, is not created again', async () => {
  const { api, done, left, runnerApi } = await startTask(({ kubernetes: { api, context } }) => {
    loseAnswers(api, async (pod) => {
      using trace = context.watch.trace(pod.metadata.name);
      const containerStatuses = [{ name: 'container-0', state: { running: {} } }];
      api.put(podsPath, { ...pod, ...{ status: { phase: 'Running', containerStatuses } } });
      await waitFor('the watch', () => trace.pod);
      api.remove(podsPath, pod.metadata.name);
    });
  });
  await done;
  expect(runnerApi.told).toEqual([expect.stringMatching(/^fail .*deleted/)]);
  expect(api.requests.filter(({ method, path }) => method === 'POST' && path === podsPath)).toHaveLength(1);
  expect(left()).toEqual([]);
});

test('a Pod that came and went while the watch was broken is not created again', async () => {
  const { api, done, left, runnerApi } = await startTask(({ kubernetes: { api } }) => {
    loseAnswers(api, (pod) => {
      api.sendToWatches('', 'reset');
      const { name, uid } = api.put(podsPath, pod).metadata;
      api.put('/api/v1/namespaces/runner/events', {
        metadata: { name: 'e' },
        ...{ reason: 'Scheduled', involvedObject: { kind: 'Pod', name, uid } },
      } as StoredObject);
      api.remove(podsPath, name);
      api.forgetHistory();
    });
  });
  await done;
  expect(runnerApi.told).toEqual([expect.stringMatching(/^fail .*deleted/)]);
  expect(api.requests.filter(({ method, path }) => method === 'POST' && path === podsPath)).toHaveLength(1);
  expect(left()).toEqual([]);
});

test('a Pod that comes after its creation was given up is deleted even if the report has to wait', async () => {
  const { api, done, left, runnerApi } = await startTask(
    ({ api, kubernetes }) => {
      let pod: StoredObject | undefined;
      loseAnswers(kubernetes.api, (created) => {
        pod = created;
      });
      const { unclaim } = api;
      api.unclaim = async (task) => {
        if (pod !== undefined) kubernetes.api.put(podsPath, pod);
        await waitFor('the deletion of the Pod', () => kubernetes.api.names(podsPath).length === 0);
        await unclaim.call(api, task);
      };
    },
    { createLimitMs: 0 },
  );
  await done;
  expect(runnerApi.told).toEqual(['unclaim task-1']);
  expect(left()).toEqual([]);
  const deletion = api.requests.find(({ method, path }) => method === 'DELETE' && path.startsWith(podsPath));
  expect(deletion?.body).toMatchObject({ gracePeriodSeconds: 0 });
});

test('the Pod of a task that is cancelled meanwhile is deleted, however long nobody says that it exists', async () => {
  const { done, ends, left } = await startTask(({ api, kubernetes }) => {
    let refused = 0;
    kubernetes.api.intercept = ({ body, method, path }, response) => {
      if (method === 'POST' && path === podsPath) {
        kubernetes.api.put(podsPath, body as StoredObject);
        api.refusals.step = [404];
        response.socket?.resetAndDestroy();
        return true;
      }
      const isCancelled = api.refusals.step?.length === 0;
      const isRefused =
        method === 'GET' && path.startsWith(`${podsPath}/`) && !(isCancelled && ++refused > 3);
      if (isRefused) sendStatus(response, 429, 'TooManyRequests', 'the server is busy');
      return isRefused;
    };
  });
  await done;
  expect({ ends, left: left() }).toEqual({ ends: ['gone'], left: [] });
});

test('a task whose Pod turns out to exist after the time is over runs there, and is not handed back', async () => {
  const { done, kubelet, left, runnerApi } = await startTask(
    ({ kubernetes: { api } }) => loseAnswers(api, (pod) => api.put(podsPath, pod)),
    { createLimitMs: 0 },
  );
  await kubelet(ended(0));
  await done;
  expect(runnerApi.told).toEqual([]);
  expect(left()).toEqual([]);
});

test.each([
  [
    'fails',
    false,
    /^fail The Pod of the task was not created\. A request .* said: events is forbidden: no\. Look/,
  ],
  ['is handed back if its class allows that', true, /^unclaim task-1$/],
])('a task of which nobody knows whether its Pod has run %s', async (_end, allows, told) => {
  const { done, left, runnerApi } = await startTask(
    ({ kubernetes: { api } }) => {
      loseAnswers(api, () => undefined);
      const { intercept } = api;
      api.intercept = (request, response) => {
        if (request.method !== 'GET' || !request.path.endsWith('/events'))
          return intercept(request, response);
        sendStatus(response, 403, 'Forbidden', 'events is forbidden: no');
        return true;
      };
    },
    allows ? unsafe : {},
  );
  await done;
  expect(runnerApi.told).toEqual([expect.stringMatching(told)]);
  expect(left()).toEqual([]);
});
