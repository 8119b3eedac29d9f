import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { collection, startController } from '../../internal/dev/testing/start-controller.ts';
import { untilTestEnds } from '../../internal/dev/testing/until-test-ends.ts';
import { waitFor } from '../../internal/dev/testing/wait-for.ts';
import { repository } from '../../internal/packer/repository.ts';
import { startTestApis } from './test-apis.ts';

test('a task becomes a Secret and a Pod, and both are deleted when the Pod has succeeded', async () => {
  const apis = await startTestApis();
  const task = apis.submit({
    task_id: '1b1c',
    docker: [{ image: 'cimg/base:current', command: ['echo'], user: 'circleci' }],
  });
  const run = await apis.start();
  const pod = await apis.podOfTask();
  const { name } = pod.metadata;
  const [claim] = task.claims;
  const text = await readFile(join(repository, 'runner', 'pod', 'golden', 'plain.yaml'), 'utf8');
  const golden = parse(
    text
      .replaceAll('ccita-1b1c-0-12345678', name)
      .replace('allocation: allocation', `allocation: ${claim?.allocation}`),
  );
  expect(apis.created('pods')).toEqual([golden]);
  const [secret] = apis.created('secrets') as { stringData: Record<string, string> }[];
  const { stringData = {} } = secret ?? {};
  expect(stringData['task-token']).toBe(claim?.token);
  expect(JSON.parse(stringData.config ?? '')).toMatchObject({
    task_id: '1b1c',
    token: claim?.token,
    allocation: claim?.allocation,
    cmd: ['echo'],
    user: 'circleci',
    runner_api_base_url: apis.runnerApi.url,
  });

  apis.endPod(pod, 0);
  await run.printed(/"msg":"service-work"/);
  await waitFor('the Pod and its Secret to be gone', () =>
    (['pods', 'secrets'] as const).every(
      (objects) => apis.kubernetes.get(collection(objects), name) === undefined,
    ),
  );
  expect(task).toMatchObject({ state: 'claimed', claims: [{ steps: [{ end: { result: 'success' } }] }] });
  for (const secret of [...Object.values(apis.tokens), claim?.token ?? '']) {
    expect(run.stdout.text + run.stderr.text).not.toContain(secret);
  }
});

test('a task whose Pod fails is reported as failed, with the reason', async () => {
  const apis = await startTestApis();
  const configuration = { docker: [{ image: 'cimg/base:current' }] };
  const task = apis.submit(configuration);
  await apis.start();
  apis.endPod(await apis.podOfTask(), 3);
  await waitFor('the report', () => task.state === 'failed');
  expect(task.message).toMatch(/container-0.*3/);
});

test('a full disk behind its output changes nothing else', async () => {
  const apis = await startTestApis();
  await using full = await open('/dev/full', 'w');
  const output = { stdout: full.fd, stderr: full.fd };
  const task = apis.submit({ docker: [{ image: 'cimg/base:current' }] });
  const run = untilTestEnds(await startController(apis.variables, output));
  const pod = await apis.podOfTask();
  apis.endPod(pod, 3);
  await waitFor('the end of the Pod', () => !apis.kubernetes.get(collection('pods'), pod.metadata.name));
  expect(task.state).toBe('failed');
  run.signal('SIGTERM');
  expect(await run.result()).toMatchObject({ status: 0 });
});
