import { expect, test } from 'vitest';
import { podsPath, secretsPath } from '../../clients/kubernetes/fixtures/test-kubernetes.ts';
import { sendStatus } from '../../internal/dev/kubernetes-api/answers.ts';
import { waitFor } from '../../internal/dev/testing/wait-for.ts';
import { ClassPauses } from '../claims/class-pauses.ts';
import { ended } from '../verdict/fixtures/pods.ts';
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
  expect(told.map(({ fields }) => fields)).toMatchObject([{ 'task.id': 'task-1', error: words }]);
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
