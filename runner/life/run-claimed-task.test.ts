import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { expect, test } from 'vitest';
import { podsPath, secretsPath, type testKubernetes } from '../../clients/kubernetes/test-kubernetes.ts';
import { type StoredObject, sendStatus } from '../../internal/dev/kubernetes-api/fake-kubernetes-api.ts';
import { waitFor } from '../../internal/dev/testing/wait-for.ts';
import { ClassPauses } from '../claims/class-pauses.ts';
import { emptyClass } from '../classes/resource-classes.ts';
import { SshPorts } from '../ssh/ssh-ports.ts';
import { ended, running, waits } from '../verdict/fixtures/pods.ts';
import type { RecordingRunnerApi } from './fixtures/recording-runner-api.ts';
import { testWorld } from './fixtures/test-world.ts';
import { runClaimedTask } from './run-claimed-task.ts';
import type { World } from './world.ts';

const unsafe = { resourceClass: () => ({ ...emptyClass, unsafeRetries: true }) };
const withService = { task_id: 'task-1', docker: [{ image: 'a' }, { image: 'b' }] };
const claim = { resourceClass: 'a/b', allocation: 'allocation', token: 'token-of-the-task' };

/** A task that runs in a world of its own, and what a kubelet does with its Pod. */
async function startTask(
  prepare: (world: {
    api: RecordingRunnerApi;
    kubernetes: Awaited<ReturnType<typeof testKubernetes>>;
  }) => void = () => undefined,
  change: Partial<World> | ((kubernetes: Awaited<ReturnType<typeof testKubernetes>>) => Partial<World>) = {},
) {
  const task = await testWorld(typeof change === 'function' ? {} : change);
  if (typeof change === 'function') Object.assign(task.world, change(task));
  const { api, runnerApi, signal, world } = task;
  prepare({ api: runnerApi, kubernetes: task });
  const done = runClaimedTask(claim, world, signal);
  const pod = () =>
    waitFor('the Pod', () => {
      const request = api.requests.find(({ method, path }) => method === 'POST' && path === podsPath);
      const { name = '' } = ((request?.body as StoredObject | undefined)?.metadata ?? {}) as {
        name?: string;
      };
      return api.get(podsPath, name);
    });
  /** What a kubelet says of the Pod's primary container. */
  const kubelet = async (state: object, rest: object = {}, others: Record<string, object> = {}) => {
    const found = await pod();
    const states = Object.entries({ 'container-0': state, ...others });
    const containerStatuses = states.map(([name, state]) => ({ name, state }));
    const status = { phase: 'Running', containerStatuses, ...rest };
    api.put(podsPath, {
      ...found,
      spec: { ...(found as Pod).spec, nodeName: 'node-a' },
      status,
    } as StoredObject);
  };
  return { ...task, done, kubelet, pod };
}

test('a task that its orchestrator has ended is told of to nobody, and leaves nothing behind', async () => {
  const { api, done, kubelet, ends, left, lines, runnerApi } = await startTask();
  await kubelet(running);
  await kubelet(ended(0));
  await done;
  expect(runnerApi.told).toEqual([]);
  expect(ends).toEqual(['done']);
  expect(left()).toEqual([]);
  // Whatever else is in the Pod has no more time than docker stop would give it.
  const deletion = api.requests.find(({ method, path }) => method === 'DELETE' && path.startsWith(podsPath));
  expect(deletion?.body).toMatchObject({ gracePeriodSeconds: 10 });
  expect(runnerApi.results.get(0)).toBe('success');
  expect(runnerApi.output.get(0)).toContain('The Pod is on the node node-a.');
  expect(lines.filter(({ message }) => message === 'service-work')).toHaveLength(1);
});

test('the record of the claim is written before the Pod', async () => {
  const { api, done, kubelet } = await startTask();
  await kubelet(ended(0));
  await done;
  const created = api.requests.filter(({ method }) => method === 'POST').map(({ path }) => path);
  expect(created).toEqual([secretsPath, podsPath]);
});

test('a task without services takes five requests of the Kubernetes API, watches aside', async () => {
  const { api, done, kubelet } = await startTask();
  const before = api.requests.length;
  await kubelet(ended(0));
  await done;
  const requests = api.requests.slice(before).filter(({ query }) => query.get('watch') === null);
  expect(requests.length).toBeLessThanOrEqual(5);
});

test('an image that is not there fails the task, with a description of its Pod, before anything is deleted', async () => {
  const { api, done, kubelet, left, runnerApi } = await startTask();
  let podAtReport: unknown;
  const { fail } = runnerApi;
  runnerApi.fail = async (...told) => {
    podAtReport = api.names(podsPath).length;
    await fail.apply(runnerApi, told);
  };
  await kubelet(waits('ErrImagePull', 'x: not found'), { phase: 'Pending' });
  await done;
  expect(runnerApi.told).toEqual([
    expect.stringMatching(/^fail The image of the primary container .*x: not found/),
  ]);
  expect(podAtReport).toBe(1);
  expect(runnerApi.output.get(0)).toContain('waiting: ErrImagePull: x: not found');
  expect(runnerApi.results.get(0)).toBe('failure');
  expect(left()).toEqual([]);
});

test.each([
  ['fail', {}],
  ['unclaim', unsafe],
])(
  'a task whose Pod was evicted while it ran is handed back only where that is allowed (%s)',
  async (call, change) => {
    const { done, kubelet, runnerApi } = await startTask(undefined, change);
    await kubelet(ended(137), { phase: 'Failed', reason: 'Evicted', message: 'low on disk' });
    await done;
    expect(runnerApi.told).toEqual([expect.stringMatching(new RegExp(`^${call} `))]);
  },
);

test('a task whose retries are used up is failed, and says so', async () => {
  const { done, kubelet, runnerApi } = await startTask(({ api }) => {
    api.refusals.unclaim = [409];
  });
  await kubelet({ waiting: {} }, { phase: 'Failed', reason: 'Evicted' });
  await done;
  expect(runnerApi.told).toEqual(['unclaim task-1', expect.stringMatching(/^fail .*retries are used up\.$/)]);
});

test('a task that was cancelled is cleaned up quietly', async () => {
  const { done, kubelet, ends, left, lines } = await startTask(({ api }) => {
    api.refusals.fail = [404];
  });
  await kubelet(ended(1));
  await done;
  expect(ends).toEqual(['gone']);
  expect(lines.filter(({ level }) => level === 'error')).toEqual([]);
  expect(left()).toEqual([]);
});

test('what the step has to say is said before the task is over', async () => {
  const { done, kubelet, runnerApi } = await startTask(undefined, unsafe);
  let stepAtReport: unknown;
  runnerApi.unclaim = async () => {
    stepAtReport = { result: runnerApi.results.get(0), output: runnerApi.output.get(0) };
  };
  await kubelet(ended(1));
  await done;
  expect(stepAtReport).toEqual({ result: 'failure', output: expect.stringContaining('exit status 1') });
  expect(runnerApi.output.get(0)).toContain('claimed by container-agent-5d4f');
});

test('a runner API that takes no output delays no report', { tags: ['timed'] }, async () => {
  const { done, kubelet, runnerApi } = await startTask(({ api }) => {
    Object.assign(api, { steps: { ...api.steps, start: () => new Promise(() => undefined) } });
  });
  await kubelet(ended(1));
  await done;
  expect(runnerApi.told).toEqual([expect.stringMatching(/^fail /)]);
});

/** A job with a service, and a kubelet that ends its primary container as its Pod is deleted. */
async function startTaskWithService(exitCode: number, change: Partial<World>) {
  const atDeletion: unknown[] = [];
  const task = await startTask(({ api, kubernetes }) => {
    api.configuration = withService;
    kubernetes.api.put(secretsPath, { metadata: { name: 'logging-collector-token' } });
    kubernetes.api.intercept = ({ method, path }) => {
      if (method !== 'DELETE' || !path.startsWith(podsPath)) return false;
      const name = path.slice(podsPath.length + 1);
      const pod = kubernetes.api.get(podsPath, name) as Pod | undefined;
      if (pod === undefined) return false;
      atDeletion.push(api.told.length, ...(pod.status?.containerStatuses ?? []).map(({ state }) => state));
      const containerStatuses = [{ name: 'container-0', state: ended(exitCode) }];
      kubernetes.api.put(podsPath, { ...(pod as StoredObject), ...{ status: { containerStatuses } } });
      return false;
    };
  }, change);
  return { ...task, atDeletion };
}

test('a Pod that may still start is gone before its task is handed back', async () => {
  let podsAtReport: readonly string[] | undefined;
  const patience = { scheduling: 1, imageError: 60_000, imagePull: 60_000, start: 60_000 };
  const { done, left } = await startTask(
    ({ api, kubernetes }) => {
      api.unclaim = async () => {
        podsAtReport = kubernetes.api.names(podsPath);
      };
    },
    { patience },
  );
  await done;
  expect(podsAtReport).toEqual([]);
  expect(left()).toEqual([]);
});

const impatient = { patience: { scheduling: 60_000, imageError: 0, imagePull: 0, start: 60_000 } };

test.each([
  ['is its to report when that has done so', 0, []],
  ['is handed back by us when that could not', 137, ['unclaim task-1']],
])('a task whose orchestrator runs loses its Pod first, and %s', async (_case, exitCode, told) => {
  const task = await startTaskWithService(exitCode, { ...unsafe, ...impatient });
  const { atDeletion, done, kubelet, left, runnerApi } = task;
  await kubelet(running, {}, { 'container-1': waits('ErrImagePull', 'connection refused') });
  await done;
  expect(atDeletion[0]).toBe(0);
  expect(runnerApi.told).toEqual(told);
  expect(left()).toEqual(['logging-collector-token']);
});

test('a service that cannot be had fails the task before its orchestrator can hand it back', async () => {
  const { atDeletion, done, kubelet, runnerApi } = await startTaskWithService(0, impatient);
  await kubelet(running, {}, { 'container-1': waits('ErrImagePull', 'b: not found') });
  await done;
  expect(runnerApi.told).toEqual([expect.stringMatching(/^fail .*container-1.*b: not found/)]);
  expect(atDeletion[0]).toBe(1);
});

test('the Pod is deleted when the last words of its services are sent', async () => {
  const { atDeletion, done, kubelet, lines } = await startTaskWithService(0, {});
  await kubelet(ended(0), {}, { 'container-1': running, 'container-agent-logs': running });
  await waitFor('the end', () => lines.some(({ message }) => message === 'service-work'));
  await kubelet(ended(0), {}, { 'container-1': running, 'container-agent-logs': ended(0) });
  await done;
  expect(atDeletion).toEqual([0, ended(0), running, ended(0)]);
});

test('where Pods are kept, one that has ended stays, and its Secrets go', async () => {
  const { api, done, kubelet, pod } = await startTask(undefined, { keepPods: true });
  await kubelet(ended(0));
  await done;
  expect(api.names(podsPath)).toEqual([(await pod()).metadata.name]);
  expect(api.names(secretsPath)).toEqual([]);
});

test('where Pods are kept, one whose orchestrator runs goes', async () => {
  const { api, done, kubelet } = await startTaskWithService(0, { ...impatient, keepPods: true });
  await kubelet(running, {}, { 'container-1': waits('ErrImagePull', 'b: not found') });
  await done;
  expect(api.names(podsPath)).toEqual([]);
});

test('where Pods are kept, that of a task that was cancelled goes', async () => {
  const { api, done, kubelet, runnerApi } = await startTask(undefined, { keepPods: true });
  await waitFor('the step', () => runnerApi.output.has(0));
  runnerApi.refusals.step = [404];
  await kubelet(running);
  await done;
  expect(api.names(podsPath)).toEqual([]);
});

test('a job with services fails where there is no Secret for the logging container', async () => {
  const { api, done, left, runnerApi } = await startTask(({ api }) => {
    api.configuration = withService;
  });
  await done;
  expect(runnerApi.told).toEqual([
    expect.stringMatching(/^fail .*the Secret logging-collector-token with its token does not exist/),
  ]);
  expect(api.requests.some(({ method, path }) => method === 'POST' && path === podsPath)).toBe(false);
  expect(left()).toEqual([]);
});

test('a defect fails the task, and leaves nothing behind', async () => {
  const { done, left, runnerApi } = await startTask(undefined, {
    resourceClass: () => {
      throw new Error('a class is missing');
    },
  });
  await done;
  expect(runnerApi.told).toEqual([
    expect.stringMatching(/^fail .*a defect of its own: a class is missing\./),
  ]);
  expect(left()).toEqual([]);
});

test('a task whose step is refused as unknown while it runs was cancelled: its Pod is deleted, and nothing reported', async () => {
  const { done, kubelet, ends, left, lines, runnerApi } = await startTask();
  await waitFor('the step', () => runnerApi.output.has(0));
  runnerApi.refusals.step = [404];
  await kubelet(running);
  await done;
  expect(runnerApi.told).toEqual([]);
  expect(ends).toEqual(['gone']);
  expect(left()).toEqual([]);
  const [end] = lines.filter(({ message }) => message === 'service-work');
  expect(end?.fields).not.toHaveProperty('error');
});

test('a task that is cancelled before it has a Pod gets none, though the API server refused one for now', async () => {
  const { api, done, ends, left, runnerApi } = await startTask(({ kubernetes }) => {
    kubernetes.api.intercept = (request, response) => {
      if (request.method !== 'POST' || request.path !== podsPath) return false;
      sendStatus(response, 503, 'ServiceUnavailable', 'try later');
      return true;
    };
  });
  await waitFor('the first refusal', () => runnerApi.output.get(0)?.includes('try later'));
  runnerApi.refusals.step = [404];
  await done;
  expect(runnerApi.told).toEqual([]);
  expect(ends).toEqual(['gone']);
  expect(left()).toEqual([]);
  const creations = api.requests.filter(({ method, path }) => method === 'POST' && path === podsPath);
  expect(creations.length).toBeLessThan(6);
});

test('a task that is gone before it begins leaves no trace', async () => {
  const { api, done, ends, runnerApi } = await startTask(({ api }) => {
    api.refusals.taskConfiguration = [404];
  });
  await done;
  expect(runnerApi.told).toEqual([]);
  expect(ends).toEqual(['gone']);
  expect(api.requests.some(({ method }) => method === 'POST')).toBe(false);
});

test('a configuration that the runner API does not give fails the task in the words of the call', async () => {
  const { done, runnerApi } = await startTask(({ api }) => {
    api.refusals.taskConfiguration = [403];
  });
  await done;
  expect(runnerApi.told).toEqual(['fail The configuration of the task could not be read: status 403.']);
});

test('a configuration that cannot be used fails the task by the name of the field', async () => {
  const { done, runnerApi } = await startTask(({ api }) => {
    api.configuration = { task_id: 'task-1', docker: [{}] };
  });
  await done;
  expect(runnerApi.told).toEqual([
    'fail The configuration of the task cannot be used: docker[0].image must be a string, but is missing.',
  ]);
});

test('a Pod whose creation was answered to nobody is this task’s Pod', async () => {
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
  expect(api.requests.filter(({ method, path }) => method === 'POST' && path === podsPath)).toHaveLength(2);
});

test('a Pod that may have been created is gone before its task is handed back', async () => {
  let podsAtReport: unknown;
  const { done, left, runnerApi } = await startTask(
    ({ api, kubernetes }) => {
      kubernetes.api.intercept = (request, response) => {
        if (request.method !== 'POST' || request.path !== podsPath) return false;
        kubernetes.api.put(podsPath, request.body as StoredObject);
        response.socket?.resetAndDestroy();
        return true;
      };
      api.unclaim = async () => {
        api.told.push('unclaim');
        podsAtReport = kubernetes.api.names(podsPath);
      };
    },
    { createLimitMs: 0 },
  );
  await done;
  expect(runnerApi.told).toEqual(['unclaim']);
  expect(podsAtReport).toEqual([]);
  expect(left()).toEqual([]);
});

test.each([
  [403, 'Forbidden', 'exceeded quota: q, used: pods=9', 'a quota of the namespace is used up'],
  [500, 'InternalError', 'failed calling webhook "w": timeout', 'the Kubernetes API does not take its Pods'],
])('while %s %s delays the Pod, its class claims nothing', async (code, reason, words, pause) => {
  const pausedAtTry: unknown[] = [];
  const pauses = new ClassPauses();
  const { done, kubelet, runnerApi } = await startTask(
    ({ kubernetes }) => {
      kubernetes.api.intercept = (request, response) => {
        if (request.method !== 'POST' || request.path !== podsPath) return false;
        pausedAtTry.push(pauses.reasonOf('a.b'));
        if (pausedAtTry.length > 1) return false;
        sendStatus(response, code, reason, words);
        return true;
      };
    },
    { pauses },
  );
  await kubelet(ended(0));
  await done;
  expect(pausedAtTry).toEqual([undefined, pause]);
  expect(pauses.reasonOf('a.b')).toBeUndefined();
  expect(runnerApi.output.get(0)).toContain(words);
});

test.each([
  [422, 'Invalid', 'Pod "x" is invalid: spec.containers[0].image: Required value'],
  [403, 'Forbidden', 'admission webhook "policy" denied the request: no'],
  [403, 'Forbidden', 'pods "x" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true'],
])('a Pod that the API server refuses (%s %s) fails the task in its words', async (code, reason, words) => {
  const { done, left, runnerApi } = await startTask(({ kubernetes }) => {
    kubernetes.api.intercept = (request, response) => {
      if (request.method !== 'POST' || request.path !== podsPath) return false;
      sendStatus(response, code, reason, words);
      return true;
    };
  });
  await done;
  expect(runnerApi.told).toEqual([
    `fail The Pod of the task was not created. The Kubernetes API said: ${words}. Look at the spec of the class, and at Pod security and admission policies of the namespace.`,
  ]);
  expect(left()).toEqual([]);
});

test('a Pod that others delete fails the task', async () => {
  const { api, done, kubelet, pod, runnerApi } = await startTask();
  await kubelet(running);
  api.remove(podsPath, (await pod()).metadata.name);
  await done;
  expect(runnerApi.told).toEqual([
    expect.stringMatching(/^fail The Pod was deleted while the task was under way/),
  ]);
});

/** A Gateway with one port for SSH, which a Pod of another replica may have. */
function openGate(kubernetes: Awaited<ReturnType<typeof testKubernetes>>, taken = false) {
  const put = (path: string, object: object) => void kubernetes.api.put(path, object as StoredObject);
  put('/apis/gateway.networking.k8s.io/v1/namespaces/runner/gateways', {
    metadata: { name: 'the-gate' },
    spec: { listeners: [{ name: 'ssh-54782', port: 54_782 }] },
    status: { addresses: [{ value: '192.0.2.7' }] },
  });
  const rival = { name: 'rival', creationTimestamp: '2020-01-01T00:00:00Z' };
  if (taken) put(podsPath, { metadata: rival, spec: { containers: [{ ports: [{ name: 'ssh-54782' }] }] } });
}

const withSsh = { task_id: 'task-1', docker: [{ image: 'a' }], ssh: { enabled: true } };

async function startSshTask(change: (kubernetes: Awaited<ReturnType<typeof testKubernetes>>) => void) {
  return await startTask(
    ({ api, kubernetes }) => {
      api.configuration = withSsh;
      change(kubernetes);
    },
    ({ client }) => ({ ssh: new SshPorts(client, { gateway: 'the-gate', service: '' }) }),
  );
}

test('a job that asks for SSH is reached by a port of the Gateway', async () => {
  const { done, kubelet, pod, runnerApi } = await startSshTask((kubernetes) => openGate(kubernetes));
  expect(JSON.stringify(await pod())).toContain('{"name":"ssh-54782","containerPort":54782}');
  await kubelet(ended(0));
  await done;
  expect(runnerApi.told).toEqual([]);
});

test('a job that asks for SSH fails with a reason where there is no Gateway', async () => {
  const { done, left, runnerApi } = await startSshTask(() => undefined);
  await done;
  expect(runnerApi.told).toEqual([
    expect.stringContaining(
      'The job asks to be entered by SSH, but the Gateway for jobs with SSH cannot be read',
    ),
  ]);
  expect(left()).toEqual([]);
});

test('a port that another replica has given away at the same moment is given back with the task', async () => {
  const { done, left, runnerApi } = await startSshTask((kubernetes) => {
    openGate(kubernetes);
    kubernetes.api.intercept = ({ method, path }) => {
      if (method === 'POST' && path === podsPath) openGate(kubernetes, true);
      return false;
    };
  });
  await done;
  expect(runnerApi.told).toEqual(['unclaim task-1']);
  expect(left()).toEqual(['rival']);
});

test('a job that asks for SSH runs without it where that is not enabled, and says so', async () => {
  const { done, kubelet, runnerApi } = await startTask(({ api }) => {
    api.configuration = withSsh;
  });
  await kubelet(ended(0));
  await done;
  expect(runnerApi.output.get(0)).toContain('The job asks to be entered by SSH, which is not enabled here');
});
