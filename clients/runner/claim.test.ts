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

test('closing ends claims, too', async () => {
  api.answer('claim', [{ fault: 'hang' }]);
  const runnerApi = testRunnerApi(api.url);
  const call = errorOf(runnerApi.claim(claim));
  await api.until((requests) => requests.length === 1);
  await runnerApi.close();
  expect((await call).message).toContain('interrupted');
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
