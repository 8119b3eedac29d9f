import { access, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { expect, test } from 'vitest';
import { podsPath, testKubernetes } from '../../clients/kubernetes/fixtures/test-kubernetes.ts';
import { delay } from '../../internal/delay.ts';
import { sendStatus } from '../../internal/dev/kubernetes-api/answers.ts';
import type { StoredObject } from '../../internal/dev/kubernetes-api/object-store.ts';
import { RecordingLogger } from '../../internal/dev/testing/recording-logger.ts';
import { scratchFolder } from '../../internal/dev/testing/scratch-folder.ts';
import { waitFor } from '../../internal/dev/testing/wait-for.ts';
import { RecordingRunnerApi } from '../life/fixtures/recording-runner-api.ts';
import { ended, running, sketchPod, waits } from '../verdict/fixtures/pods.ts';
import { collectLogs } from './collect-logs.ts';

const container = 'container-1';

/** The logging container of a Pod with one service, whose output the test chooses. */
async function startCollection(
  readinessLimitMs = 3_600_000,
  readinessFile = join(scratchFolder(), 'running'),
) {
  const { api, client, signal } = await testKubernetes();
  const { name = '', ...metadata } = sketchPod().metadata ?? {};
  const put = (states: Record<string, object>) => {
    const pod: Pod = sketchPod({ states });
    api.put(podsPath, { ...pod, metadata: { ...metadata, name } } as StoredObject);
  };
  const written: string[] = [];
  api.intercept = ({ path }, response) => {
    if (!path.endsWith('/log')) return false;
    const lines = written.map((text, index) => `2026-01-02T03:04:${10 + index}Z ${text}\n`);
    response.end(lines.join(''));
    return true;
  };
  put({});
  const runnerApi = new RecordingRunnerApi();
  const logger = new RecordingLogger();
  const { events: lines } = logger;
  const end = new AbortController();
  const collection = {
    pod: name,
    services: [{ container, image: 'redis' }],
    readinessFile,
    readinessLimitMs,
    taskToken: 't',
    client,
    steps: runnerApi.steps,
    logger,
  };
  const done = collectLogs(collection, AbortSignal.any([signal, end.signal]));
  const mayStart = () =>
    access(readinessFile).then(
      () => true,
      () => false,
    );
  return { api, done, end, lines, mayStart, put, runnerApi, signal, written };
}

test('the task may start when its service runs', async () => {
  const { done, end, mayStart, put } = await startCollection();
  expect(await mayStart()).toBe(false);
  put({ [container]: running });
  await waitFor('the file', mayStart);
  end.abort();
  await done;
});

test.each([
  ['has ended', ended(1)],
  ['has ended without a start', { terminated: { exitCode: 128, reason: 'StartError' } }],
])('the task may start when its service %s', async (_case, state) => {
  const { done, end, mayStart, put } = await startCollection();
  put({ [container]: state });
  await waitFor('the file', mayStart);
  end.abort();
  await done;
});

test('the task may start without a service that takes too long, and its step says so', {
  tags: ['timed'],
}, async () => {
  const { done, end, lines, mayStart, put, runnerApi, written } = await startCollection(20);
  put({ [container]: waits('ImagePullBackOff') });
  await waitFor('the last line', () => lines.some(({ message }) => message === 'the task may start'));
  expect(await mayStart()).toBe(true);
  const fields = { containers: container, limit_ms: 20 };
  expect(lines.map(({ fields, message }) => ({ fields, message }))).toEqual([
    { message: 'the task waits for its services', fields },
    { message: 'the task starts though not every service runs', fields },
    expect.objectContaining({ message: 'the task may start' }),
  ]);
  written.push('ready');
  put({ [container]: running });
  const output = 'The service has not started within 20ms: the job begins without it.\nready\n';
  await waitFor('the output of the late service', () => runnerApi.output.get(97) === output);
  end.abort();
  await done;
});

test('the task may start as soon as the readiness file can be written, and a line says what it waits for', async () => {
  const file = join(scratchFolder(), 'later', 'running');
  const { done, end, lines, mayStart, put } = await startCollection(undefined, file);
  put({ [container]: running });
  const message = 'the task cannot start yet: its readiness file cannot be written';
  const isSaid = () => lines.some((line) => line.message === message);
  await waitFor('the line', isSaid);
  await mkdir(dirname(file));
  await waitFor('the file', mayStart);
  end.abort();
  await done;
});

test('the task ends though the readiness file cannot be written', async () => {
  const { done, put } = await startCollection(undefined, join(scratchFolder(), 'never', 'running'));
  put({ [container]: running, 'container-0': ended(1) });
  await done;
});

test('the output of a service is in its step, until the task is over', async () => {
  const { done, put, runnerApi, written } = await startCollection();
  written.push('one');
  put({ [container]: running, 'container-0': running });
  await waitFor('the output', () => runnerApi.output.get(97) === 'one\n');
  written.push('last words');
  put({ [container]: running, 'container-0': ended(0) });
  await done;
  expect(runnerApi.output.get(97)).toBe('one\nlast words\n');
  expect(runnerApi.results.get(97)).toBe('success');
});

test('a service that ends before the task has all of its output in its step', async () => {
  const { api, done, put, runnerApi, written } = await startCollection();
  written.push('one', 'two');
  put({ [container]: ended(0), 'container-0': running });
  await waitFor('the output', () => runnerApi.output.get(97) === 'one\ntwo\n');
  const logs = () => api.requests.filter(({ path }) => path.endsWith('/log')).length;
  const before = logs();
  put({ [container]: ended(0), 'container-0': ended(0) });
  await done;
  expect(logs()).toBe(before);
});

test('the deletion of the Pod ends it, with the output up to then', async () => {
  const { done, end, put, runnerApi, written } = await startCollection();
  written.push('one');
  put({ [container]: running });
  await waitFor('the output', () => runnerApi.output.has(97));
  written.push('two');
  end.abort();
  await done;
  expect(runnerApi.output.get(97)).toBe('one\ntwo\n');
  expect(runnerApi.results.get(97)).toBe('success');
});

test('a log that cannot be read when the task is over is tried again at once, and is complete', async () => {
  const { api, done, put, runnerApi, written } = await startCollection();
  const { intercept } = api;
  let refusals = 4;
  api.intercept = (request, response) => {
    if (!request.path.endsWith('/log') || refusals-- <= 0) return intercept(request, response);
    sendStatus(response, 503, 'ServiceUnavailable', 'try later');
    return true;
  };
  written.push('one', 'last words');
  put({ [container]: running, 'container-0': ended(0) });
  await done;
  expect(runnerApi.output.get(97)).toBe('one\nlast words\n');
});

test('a log that is longer than the queue for the runner API is complete', async () => {
  const { done, put, runnerApi, signal, written } = await startCollection();
  const { output } = runnerApi.steps;
  runnerApi.steps.output = async (...told) => {
    await delay(2, signal);
    await output(...told);
  };
  for (let line = 0; line < 40; line++) written.push('x'.repeat(50_000));
  put({ [container]: running, 'container-0': ended(0) });
  await done;
  expect(runnerApi.output.get(97)).toBe(written.map((text) => `${text}\n`).join(''));
});

test('a service that has not started when the Pod ends has no step', async () => {
  const { done, mayStart, put, runnerApi } = await startCollection();
  put({ 'container-0': ended(1) });
  await done;
  expect([...runnerApi.output]).toEqual([]);
  expect(await mayStart()).toBe(false);
});
