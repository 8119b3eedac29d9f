import { afterEach, beforeEach, expect, test } from 'vitest';
import { type FakeRunnerApi, startFakeRunnerApi } from '../../internal/dev/runner-api/fake-runner-api.ts';
import { answerBegun, errorOf, testRunnerApi } from './fixtures/test-client.ts';

let api: FakeRunnerApi;
beforeEach(async () => {
  api = await startFakeRunnerApi();
});
afterEach(() => api.close());

const claim = { token: 'class-token', name: 'agent', hostname: 'host', ip: '192.0.2.1', version: '1.2.3' };
const taskToken = 'task-token';
const step = { taskToken, id: 97 };
const attributes = { type: 'x', phase: 'y', name: 'z', command: 'c', insignificant: true };
const forever = new AbortController().signal;

test('the configuration of a task is asked for until the API answers', async () => {
  const headersRead = answerBegun();
  api.answer('task-configuration', [
    { status: 502 },
    { fault: 'reset-after-headers', headersRead },
    { status: 429, headers: { 'Retry-After': '0' } },
    { body: '{"task_id":"größer"}' },
  ]);
  expect(await testRunnerApi(api.url).taskConfiguration(taskToken, forever)).toEqual({ task_id: 'größer' });
  expect(api.requests).toHaveLength(4);
  const [{ body, headers, method, path } = {}] = api.requests;
  expect({ body, method, path }).toEqual({ body: '', method: 'GET', path: '/api/v2/task/config' });
  expect(headers).toMatchObject({ authorization: 'Bearer task-token' });
  expect(headers).not.toHaveProperty('content-type');
});

test('a large configuration arrives whole', async () => {
  const configuration = { task_id: 'x', text: 'ä'.repeat(500_000) };
  api.answer('task-configuration', [{ body: JSON.stringify(configuration) }]);
  expect(await testRunnerApi(api.url).taskConfiguration(taskToken, forever)).toEqual(configuration);
});

test.each(['', '{"error":"no route"}', '{"task_id":7}', '[]'])(
  'a configuration without an id is malformed: %s',
  async (body) => {
    api.answer('task-configuration', [{ body }]);
    const error = await errorOf(testRunnerApi(api.url).taskConfiguration(taskToken, forever));
    expect(error).toMatchObject({
      meaning: 'malformed',
      message: expect.stringContaining('task_id is missing'),
    });
  },
);

test('a page is no success, whatever the call', async () => {
  const page = { headers: { 'Content-Type': 'text/html; charset=utf-8' }, body: '<html>log in</html>' };
  for (const call of ['unclaim', 'fail', 'step-start'] as const) api.answer(call, [page]);
  const runnerApi = testRunnerApi(api.url);
  const attributes = { type: 'a', phase: 'b', name: 'c', command: 'd', insignificant: true };
  const calls = [
    runnerApi.unclaim({ taskId: 'task-1', taskToken }),
    runnerApi.fail({ taskToken, allocation: 'a', timestampMs: 0, message: 'm' }),
    runnerApi.steps.start({ taskToken, id: 0 }, attributes),
  ];
  for (const call of calls)
    expect(await errorOf(call)).toMatchObject({
      meaning: 'malformed',
      message: expect.stringContaining('it is HTML'),
    });
});

test('an answer that has the type of HTML and nothing in it is a success', async () => {
  api.answer('unclaim', [{ headers: { 'Content-Type': 'text/html' }, body: '' }]);
  await testRunnerApi(api.url).unclaim({ taskId: 'task-1', taskToken });
  api.answer('claim', [{ status: 204, headers: { 'Content-Type': 'text/html' } }]);
  expect(await testRunnerApi(api.url).claim(claim)).toMatchObject({ task: undefined });
});

test('a configuration of more than 4 MiB is too long', async () => {
  api.answer('task-configuration', [{ body: JSON.stringify({ task_id: 'x', text: 'x'.repeat(4 << 20) }) }]);
  const error = await errorOf(testRunnerApi(api.url).taskConfiguration(taskToken, forever));
  expect(error).toMatchObject({
    meaning: 'too-long',
    message: expect.stringContaining('it has more than 4194304 bytes'),
  });
});

test('a configuration that is not JSON is not asked for again, and not shown', async () => {
  api.answer('task-configuration', [{ body: 's3cret' }]);
  const error = await errorOf(testRunnerApi(api.url).taskConfiguration(taskToken, forever));
  expect(error.message).toContain('it is not JSON');
  expect(error.message).not.toContain('s3cret');
  expect(api.requests).toHaveLength(1);
});

test('the signal of a call ends only that call', async () => {
  api.answer('task-configuration', [{ fault: 'hang' }]);
  const abort = new AbortController();
  const runnerApi = testRunnerApi(api.url);
  const call = errorOf(runnerApi.taskConfiguration(taskToken, abort.signal));
  await api.until((requests) => requests.length === 1);
  abort.abort(new Error('drained'));
  expect(await call).toMatchObject({ cause: abort.signal.reason, status: undefined });
  await runnerApi.unclaim({ taskId: 'task', taskToken });
});

test('a step is begun, written and ended with the token of its task', async () => {
  const { steps } = testRunnerApi(api.url);
  const before = Date.now();
  await steps.start(step, attributes);
  await steps.output(step, 0, Buffer.from('größer\0'));
  await steps.output(step, 1, Buffer.from([0xff]));
  await steps.end(step, 'success');
  await steps.end(step, 'failure');
  const about = (sequence: number) => ({
    allocation: 'unused',
    step_id: 97,
    timestamp: expect.any(Number),
    sequence_number: sequence,
  });
  expect(api.requests.map(({ json, path }) => ({ json, path }))).toEqual([
    {
      path: '/api/v2/step/start',
      json: {
        step: about(0),
        attributes: {
          type: 'x',
          name: 'z',
          parallel: false,
          phase: 'y',
          command: 'c',
          background: false,
          insignificant: true,
        },
      },
    },
    {
      path: '/api/v2/step/output',
      json: { step: about(0), out: Buffer.from('größer\0').toString('base64') },
    },
    { path: '/api/v2/step/output', json: { step: about(1), out: '/w==' } },
    {
      path: '/api/v2/step/end',
      json: { step: about(0), attributes: { result: 'success', exit_code: '0' } },
    },
    {
      path: '/api/v2/step/end',
      json: { step: about(0), attributes: { result: 'failure', exit_code: '1' } },
    },
  ]);
  for (const { headers, json } of api.requests) {
    expect(headers.authorization).toBe('Bearer task-token');
    expect((json as { step: { timestamp: number } }).step.timestamp).toBeGreaterThanOrEqual(before);
  }
});

test('a step that the API does not accept in three tries is given up', async () => {
  api.answer('step-output', [{ status: 500 }, { fault: 'reset' }, { status: 503 }]);
  const error = await errorOf(testRunnerApi(api.url).steps.output(step, 0, Buffer.from('x')));
  expect(error).toMatchObject({ status: 503, attempts: 3 });
});

test('a step of a task that is gone is not tried again', async () => {
  api.answer('step-start', [{ status: 404 }]);
  const error = await errorOf(testRunnerApi(api.url).steps.start(step, attributes));
  expect(error).toMatchObject({ status: 404, meaning: 'gone', attempts: 1 });
});
