import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { expect, test } from 'vitest';
import { podsPath, type testKubernetes } from '../../clients/kubernetes/fixtures/test-kubernetes.ts';
import { sendStatus } from '../../internal/dev/kubernetes-api/answers.ts';
import { waitFor } from '../../internal/dev/testing/wait-for.ts';
import { SshPorts } from '../ssh/ssh-ports.ts';
import { ended } from '../verdict/fixtures/pods.ts';
import { openGate } from './fixtures/open-gate.ts';
import { startTask, unsafe } from './fixtures/start-task.ts';
import type { TaskContext } from './task-context.ts';

/* Jobs that ask for SSH. */

const withSsh = { task_id: 'task-1', docker: [{ image: 'a' }], ssh: { enabled: true } };

async function startSshTask(
  change: (kubernetes: Awaited<ReturnType<typeof testKubernetes>>) => void,
  context: Partial<TaskContext> = {},
) {
  return await startTask(
    ({ api, kubernetes }) => {
      api.configuration = withSsh;
      change(kubernetes);
    },
    ({ client, signal }) => ({
      ...context,
      ssh: new SshPorts(client, { gateway: 'the-gate', service: '' }, signal),
    }),
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

test('a job that asks for SSH waits for an API server that has just started, and does not know any Roles', async () => {
  let refusals = 2;
  const { done, kubelet, pod, runnerApi } = await startSshTask((kubernetes) => {
    openGate(kubernetes);
    kubernetes.api.intercept = ({ path }, response) => {
      if (!path.includes('/gateways/') || refusals-- <= 0) return false;
      const said = 'gateways "the-gate" is forbidden: User "agent" cannot get resource "gateways"';
      sendStatus(response, 403, 'Forbidden', said);
      return true;
    };
  });
  expect(JSON.stringify(await pod())).toContain('"ssh-54782"');
  await kubelet(ended(0));
  await done;
  expect(runnerApi.told).toEqual([]);
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

test.each([
  ['has reported, it is not reported again', 0, {}, []],
  [
    'could not report, it fails',
    137,
    {},
    [/^fail The Pod of the task was stopped\. Another task was given the SSH port/],
  ],
  ['could not report, it is handed back if its class allows that', 137, unsafe, [/^unclaim task-1$/]],
])(
  'if a task with a port of another begins before it is stopped, and its orchestrator %s',
  async (...test) => {
    const [, exitCode, change, told] = test;
    const { done, left, runnerApi } = await startSshTask((kubernetes) => {
      const { api } = kubernetes;
      openGate(kubernetes);
      api.intercept = ({ method, path }) => {
        if (method === 'POST' && path === podsPath) openGate(kubernetes, true);
        if (method !== 'DELETE' || !path.startsWith(`${podsPath}/ccita-`)) return false;
        const pod = api.get(podsPath, path.slice(podsPath.length + 1));
        const containerStatuses = [{ name: 'container-0', state: ended(exitCode) }];
        if (pod !== undefined)
          api.put(podsPath, {
            ...pod,
            ...{ spec: { ...(pod as Pod).spec, nodeName: 'node-a' }, status: { containerStatuses } },
          });
        return false;
      };
    }, change);
    await done;
    expect(runnerApi.told).toEqual(told.map((words) => expect.stringMatching(words)));
    expect(left()).toEqual(['rival']);
  },
);

test('a task with a port of another goes on if its Pod may not be deleted', async () => {
  const { api, done, kubelet, left, runnerApi } = await startSshTask((kubernetes) => {
    openGate(kubernetes);
    kubernetes.api.intercept = ({ method, path }, response) => {
      if (method === 'POST' && path === podsPath) openGate(kubernetes, true);
      if (method !== 'DELETE' || !path.startsWith(podsPath)) return false;
      sendStatus(response, 403, 'Forbidden', 'no');
      return true;
    };
  });
  const deletions = () => api.requests.filter(({ method }) => method === 'DELETE').length;
  await waitFor('the refusals', () => deletions() >= 4);
  api.intercept = () => false;
  await kubelet(ended(0));
  await done;
  expect(runnerApi.told).toEqual([]);
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
