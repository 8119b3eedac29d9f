import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type FakeRunnerApi, startFakeRunnerApi } from '../../internal/dev/runner-api/fake-runner-api.ts';
import type { ProgrammedAnswer } from '../../internal/dev/runner-api/programmed-answer.ts';
import { answerBegun, errorOf, stopClock, testRunnerApi } from './fixtures/test-client.ts';
import { statusOf } from './runner-api-error.ts';

let api: FakeRunnerApi;
beforeEach(async () => {
  api = await startFakeRunnerApi();
});
afterEach(() => api.close());

const claim = { token: 'class-token', name: 'agent', hostname: 'host', ip: '192.0.2.1', version: '1.2.3' };
const given = { task_token: 's3cret', allocation: 'alloc', resource_class: 'a/b' };
const taskToken = 'task-token';
const step = { taskToken, id: 97 };
const attributes = { type: 'x', phase: 'y', name: 'z', command: 'c', insignificant: true };
const forever = new AbortController().signal;

test('a claim posts the name of the replica, with the token of the class', async () => {
  api.answer('claim', [{ status: 204 }]);
  expect(await testRunnerApi(api.url).claim(claim)).toEqual({ task: undefined, warning: '' });
  expect(api.requests).toMatchObject([
    {
      method: 'POST',
      path: '/api/v3/runner/claim',
      json: { name: 'agent', hostname: 'host', ip: '192.0.2.1', version: '1.2.3' },
      headers: { authorization: 'Bearer class-token' },
    },
  ]);
  expect(api.requests[0]?.body).not.toContain('class-token');
});

test.each([
  ['', {}],
  ['registration failed', { warning: 'registration failed' }],
  ['', { warning: null, is_enterprise: false, agent_version: '9' }],
])('a claim gives a task and the warning %j', async (warning, rest) => {
  api.answer('claim', [{ body: JSON.stringify({ ...given, ...rest }) }]);
  const task = { token: 's3cret', allocation: 'alloc', resourceClass: 'a/b' };
  expect(await testRunnerApi(api.url).claim(claim)).toEqual({ task, warning });
});

test.each<[string, string]>([
  ['{"task_token":"s3cret"', 'it is not JSON'],
  ['<html>s3cret</html>', 'it is HTML or XML, not JSON'],
  ['"s3cret"', 'it is not an object'],
  ['null', 'it is not an object'],
  ['{}', 'task_token is missing'],
  [JSON.stringify({ ...given, task_token: '' }), 'task_token is not a string, or empty'],
  [JSON.stringify({ ...given, task_token: 7 }), 'task_token is not a string, or empty'],
  [JSON.stringify({ ...given, allocation: null }), 'allocation is not a string, or empty'],
])('a claim that is answered with %s is refused: %s', async (body, why) => {
  api.answer('claim', [{ body }]);
  const error = await errorOf(testRunnerApi(api.url).claim(claim));
  expect(error.message).toContain(
    `cannot claim a task from the runner API: POST ${api.url}/api/v3/runner/claim: HTTP status 200, but the body of the answer cannot be used: ${why} (1 attempt in `,
  );
  expect(error.message).not.toMatch(/\n|s3cret|class-token/);
  expect(error).toMatchObject({ status: 200, meaning: 'malformed' });
});

test.each<ProgrammedAnswer>([
  { status: 503 },
  { status: 429 },
  { status: 401 },
  { fault: 'reset' },
  { fault: 'close' },
  { fault: 'garbage' },
])('a claim that meets %j is not made again by itself', async (answer) => {
  api.answer('claim', [answer, { status: 204 }]);
  const error = await errorOf(testRunnerApi(api.url).claim(claim));
  expect(statusOf(error)).toBe(answer.status);
  expect(api.requests).toHaveLength(1);
});

test.each([
  ['7', 7000],
  [new Date(Date.now() + 7_200_000).toUTCString(), 3_600_000],
  [undefined, undefined],
])('a claim that is refused with Retry-After: %s says when to ask again', async (header, retryAfterMs) => {
  const headers: Record<string, string> = header === undefined ? {} : { 'Retry-After': header };
  for (const status of [429, 503]) {
    api.answer('claim', [{ status, headers }]);
    expect(await errorOf(testRunnerApi(api.url).claim(claim))).toMatchObject({ status, retryAfterMs });
  }
});

test('a claim that is not permitted is explained by the class, and other calls by the task', async () => {
  api.answer('claim', [{ status: 401 }]);
  api.answer('unclaim', [{ status: 401 }]);
  const client = testRunnerApi(api.url);
  const words = (bearer: string) => `the ${bearer} or its token is unknown there, or no longer valid`;
  expect((await errorOf(client.claim(claim))).message).toContain(words('resource class'));
  expect((await errorOf(client.unclaim({ taskId: 'id', taskToken }))).message).toContain(words('task'));
});

test('a claim without an answer ends after half a minute', async () => {
  stopClock();
  api.answer('claim', [{ fault: 'hang' }]);
  const call = errorOf(testRunnerApi(api.url).claim(claim));
  await api.until((requests) => requests.length === 1);
  vi.advanceTimersByTime(29_999);
  vi.advanceTimersByTime(1);
  expect((await call).message).toContain('no answer within 30.0 s (1 attempt in 30.0 s)');
});

test.each(['hang-after-headers', 'drip'] as const)(
  'a claim whose answer never ends (%s) fails like one without an answer',
  async (fault) => {
    stopClock();
    const begun = answerBegun();
    api.answer('claim', [{ fault }]);
    const call = errorOf(testRunnerApi(api.url).claim(claim));
    await begun;
    vi.advanceTimersByTime(30_000);
    const error = await call;
    expect(error.message).toContain('no answer within 30.0 s');
    expect(error.status).toBeUndefined();
  },
);

test('a claim whose answer is cut off fails like one without an answer', async () => {
  const headersRead = answerBegun();
  api.answer('claim', [{ fault: 'reset-after-headers', headersRead }]);
  const error = await errorOf(testRunnerApi(api.url).claim(claim));
  expect(error.message).toContain('closed before the answer was complete');
  expect(error.status).toBeUndefined();
});

test('an endless answer to a claim is cut off', async () => {
  api.answer('claim', [{ fault: 'endless' }]);
  const error = await errorOf(testRunnerApi(api.url).claim(claim));
  expect(error.message).toContain('it has more than 1048576 bytes');
});

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

test('closing ends claims, too', async () => {
  api.answer('claim', [{ fault: 'hang' }]);
  const runnerApi = testRunnerApi(api.url);
  const call = errorOf(runnerApi.claim(claim));
  await api.until((requests) => requests.length === 1);
  await runnerApi.close();
  expect((await call).message).toContain('interrupted');
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

test('a claim whose allocation is far too long is malformed', async () => {
  api.answer('claim', [{ body: JSON.stringify({ ...given, allocation: 'x'.repeat(1025) }) }]);
  const error = await errorOf(testRunnerApi(api.url).claim(claim));
  expect(error.message).toContain('allocation has more than 1024 characters');
});

test.each([undefined, null, 7, 'x'.repeat(1025)])(
  'a task is not lost because its answer has no name of a class that can be used: %#',
  async (resource_class) => {
    api.answer('claim', [
      { body: JSON.stringify({ ...given, resource_class, warning: 'x'.repeat(100_000) }) },
    ]);
    const { task } = await testRunnerApi(api.url).claim(claim);
    expect(task).toEqual({ token: 's3cret', allocation: 'alloc', resourceClass: '' });
  },
);
