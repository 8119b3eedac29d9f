import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { kubectl } from '../../../internal/dev/cluster/kubectl.ts';
import {
  deletePod,
  readLog,
  waitForEnd,
  waitForLog,
  waitUntilReady,
} from '../../../internal/dev/testing/cluster/pod.ts';
import { waitFor } from '../../../internal/dev/testing/wait-for.ts';
import { repository } from '../../../internal/packer/repository.ts';

/* The manifests of examples/kubernetes, and the statements of docs/orchestrator/kubernetes.md about them. */

const namespace = 'orchestrator-demo';
const exampleFolder = join(repository, 'examples', 'kubernetes');
const api = join(exampleFolder, 'fake-runner-api.yaml');

beforeAll(async () => {
  await kubectl(['apply', `--filename=${api}`]);
  await kubectl(['rollout', 'status', `--namespace=${namespace}`, 'deployment/runner-api', '--timeout=180s']);
});

afterAll(async () => {
  await kubectl(['delete', `--filename=${api}`, '--timeout=180s']);
});

/** Applies the task's manifest under another name. */
async function applyTask(name: string, change: (manifest: string) => string) {
  const manifest = await readFile(join(exampleFolder, 'task.yaml'), 'utf8');
  const renamed = manifest.replaceAll('name: task\n', `name: ${name}\n`).replace('demo-allocation', name);
  await kubectl(['apply', '--filename=-'], change(renamed));
  return { pod: { namespace, name }, container: name };
}

/** Waits for a line of the stand-in for the runner API. */
async function printedByApi(pattern: RegExp): Promise<void> {
  await waitFor(`${pattern} at the runner API`, async () =>
    pattern.test(await kubectl(['logs', `--namespace=${namespace}`, 'deployment/runner-api'])),
  );
}

test('the task prints its steps, and succeeds', async () => {
  const { pod, container } = await applyTask('task', (manifest) => manifest);
  await waitUntilReady(pod, container);
  expect(await waitForEnd(pod, container)).toMatchObject({ exitCode: 0, reason: 'Completed' });
  expect(await readLog(pod, container)).toMatch(/step-1\n.*step-2\n.*step-3\n.*done\n/s);
});

test.each([
  ['reported', '', 'fails', /fails has failed: .*exit status 7/],
  [
    'handed back',
    '"enable_unsafe_retries": true,',
    'retried',
    /task 2b1c9f9e\S+ is handed back for another try/,
  ],
])('a task that fails is %s, and its Pod ends well', async (_what, field, name, line) => {
  const { pod, container } = await applyTask(name, (manifest) =>
    manifest
      .replaceAll(/sleep=\d+ /g, '')
      .replace('exit=0', 'exit=7')
      .replace('"1b1c9f9e', '"2b1c9f9e')
      .replace('"token"', `${field} "token"`),
  );
  expect(await waitForEnd(pod, container)).toMatchObject({
    exitCode: 0,
    message: expect.stringContaining('exit status 7'),
  });
  await printedByApi(line);
});

test('a task whose Pod is deleted is interrupted and reported', async () => {
  const { pod, container } = await applyTask('deleted', (manifest) =>
    manifest.replace('sleep=20000', 'forever'),
  );
  await waitForLog(pod, container, /step-1/);
  await deletePod(pod);
  await printedByApi(/deleted has failed: .*interrupted/);
});
