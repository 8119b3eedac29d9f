import { expect, test } from 'vitest';
import { podsPath, secretsPath, type testKubernetes } from '../../clients/kubernetes/test-kubernetes.ts';
import { sendStatus } from '../../internal/dev/kubernetes-api/answers.ts';
import type { FakeKubernetesApi } from '../../internal/dev/kubernetes-api/fake-kubernetes-api.ts';
import type { StoredObject } from '../../internal/dev/kubernetes-api/object-store.ts';
import { waitFor } from '../../internal/dev/testing/wait-for.ts';
import { ClassPauses } from '../claims/class-pauses.ts';
import { SshPorts } from '../ssh/ssh-ports.ts';
import { ended } from '../verdict/fixtures/pods.ts';
import { openGate } from './fixtures/open-gate.ts';
import { startTask, withService } from './fixtures/start-task.ts';

test('a job with services fails if there is no Secret for the logging container', async () => {
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

test('a task that is cancelled while the API server refuses its Pod for now gets no Pod', async () => {
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

test.each([
  ['the first Secret', secretsPath],
  ['the Pod', podsPath],
])(
  'a task whose namespace is being deleted when %s is created is handed back at once, and its class rests',
  async (_case, refused) => {
    const pauses = new ClassPauses();
    const words = 'unable to create new content in namespace runner because it is being terminated';
    const { api, done, left, lines, runnerApi } = await startTask(
      ({ kubernetes }) => {
        kubernetes.api.intercept = (request, response) => {
          if (request.method !== 'POST' || request.path !== refused) return false;
          sendStatus(response, 403, 'Forbidden', `"x" is forbidden: ${words}`);
          return true;
        };
      },
      { pauses },
    );
    await done;
    expect(runnerApi.told).toEqual(['unclaim task-1']);
    expect(left()).toEqual([]);
    expect(pauses.reasonOf('a/b')).toBe('the namespace of its Pods is being deleted, or gone');
    expect(api.requests.filter(({ method, path }) => method === 'POST' && path === refused)).toHaveLength(1);
    const [end] = lines.filter(({ message }) => message === 'service-work');
    expect(end?.fields).toMatchObject({ error: expect.stringContaining(words), 'app.to_retry': true });
  },
);

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
  [403, 'Forbidden', 'exceeded quota: q, used: pods=9', 'a quota of the namespace is used up'],
  [500, 'InternalError', 'failed calling webhook "w": timeout', 'the Kubernetes API does not take its Pods'],
])('while %s %s delays a Pod, its class pauses, and the log says why', async (code, reason, words, pause) => {
  const pausedAtTry: unknown[] = [];
  const pauses = new ClassPauses();
  const { done, kubelet, lines, runnerApi } = await startTask(
    ({ kubernetes }) => {
      kubernetes.api.intercept = (request, response) => {
        if (request.method !== 'POST' || request.path !== podsPath) return false;
        pausedAtTry.push(pauses.reasonOf('a.b'));
        if (pausedAtTry.length > 2) return false;
        sendStatus(response, code, reason, words);
        return true;
      };
    },
    { pauses },
  );
  await kubelet(ended(0));
  await done;
  expect(pausedAtTry).toEqual([undefined, pause, pause]);
  expect(pauses.reasonOf('a.b')).toBeUndefined();
  expect(runnerApi.output.get(0)).toContain(words);
  const told = lines.filter(({ message }) => message === 'the objects of a task could not be created yet');
  expect(told.map(({ fields }) => fields)).toEqual([{ task: 'task-1', error: words }]);
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

test('a job that asks for SSH can be reached at a port of the Gateway', async () => {
  const { done, kubelet, pod, runnerApi } = await startSshTask((kubernetes) => openGate(kubernetes));
  expect(JSON.stringify(await pod())).toContain('{"name":"ssh-54782","containerPort":54782}');
  await kubelet(ended(0));
  await done;
  expect(runnerApi.told).toEqual([]);
});

test('a job that asks for SSH fails with a reason if there is no Gateway', async () => {
  const { done, left, runnerApi } = await startSshTask(() => undefined);
  await done;
  expect(runnerApi.told).toEqual([
    expect.stringContaining('The job asks for SSH access, but the Gateway for jobs with SSH cannot be read'),
  ]);
  expect(left()).toEqual([]);
});

test('a task is handed back if another replica gave its port away at the same moment', async () => {
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

test('a job that asks for SSH runs without it if SSH is not enabled, and a line says so', async () => {
  const { done, kubelet, runnerApi } = await startTask(({ api }) => {
    api.configuration = withSsh;
  });
  await kubelet(ended(0));
  await done;
  expect(runnerApi.output.get(0)).toContain('The job asks for SSH access, which is not enabled here');
});

const tokenOfTask = 'token-of-the-task';

test.each<[string, (secret: string) => string]>([
  ['as they are', (secret) => secret],
  ['in base64', (secret) => Buffer.from(secret).toString('base64')],
])(
  'secrets that a webhook quotes %s are in no step, no message and no line of the log',
  async (_case, quote) => {
    const auth = { username: 'me', password: 'of-the-registry' };
    const secrets = [tokenOfTask, 'of-the-job', auth.password];
    const { done, lines, runnerApi } = await startTask(({ api, kubernetes }) => {
      api.configuration = {
        task_id: 'task-1',
        docker: [{ image: 'cimg/base:current', environment: { KEY: 'of-the-job' }, auth }],
      };
      kubernetes.api.intercept = ({ method, path, body }, response) => {
        if (method !== 'POST' || !path.endsWith('/secrets')) return false;
        const { stringData } = body as { stringData: Record<string, string> };
        const quoted = [...Object.values(stringData), ...secrets].map(quote).join('\n');
        sendStatus(response, 403, 'Forbidden', `admission webhook "w" denied the request: ${quoted}`);
        return true;
      };
    });
    await done;
    const everything = JSON.stringify([runnerApi.told, [...runnerApi.output.values()], lines]);
    expect(everything).toContain('denied the request: [REDACTED]');
    for (const secret of secrets) expect(everything).not.toContain(quote(secret));
  },
);

test('words of others can neither forge a line of the step nor control a terminal', async () => {
  const { done, runnerApi } = await startTask(({ kubernetes }) => {
    kubernetes.api.intercept = ({ method, path }, response) => {
      if (method !== 'POST' || path !== podsPath) return false;
      sendStatus(response, 422, 'Invalid', 'wrong\nforged\u001b[31m\u009b31m\u202e');
      return true;
    };
  });
  await done;
  const step = runnerApi.output.get(0) ?? '';
  expect(step).toContain('wrong forged\\u001b[31m\\u009b31m\\u202e');
  expect(runnerApi.told[0]).toContain('wrong forged\\u001b[31m\\u009b31m\\u202e');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the test looks for them
  expect(step + runnerApi.told).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]|^forged/m);
});
