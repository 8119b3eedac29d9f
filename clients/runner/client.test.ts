import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type FakeRunnerApi, startFakeRunnerApi } from '../../internal/dev/runner-api/fake-runner-api.ts';
import type { ProgrammedAnswer } from '../../internal/dev/runner-api/programmed-answer.ts';
import { closedPort } from '../../internal/dev/testing/closed-port.ts';
import {
  errorOf,
  fewAttempts,
  stopClock,
  testClient,
  testRunnerApi,
  testToken,
} from './fixtures/test-client.ts';
import { isRetriesExhausted, RunnerApiError } from './runner-api-error.ts';

let api: FakeRunnerApi;
beforeEach(async () => {
  api = await startFakeRunnerApi();
});
afterEach(() => api.close());

const mediaType = 'application/json; charset=utf-8';

test('unclaim posts the task id and the token', async () => {
  await testClient(api.url).unclaim('task-1');
  expect(api.requests).toMatchObject([
    {
      method: 'POST',
      path: '/api/v3/runner/unclaim',
      body: `{"task_id":"task-1","task_token":"${testToken}"}`,
      headers: {
        host: `127.0.0.1:${api.port}`,
        authorization: `Bearer ${testToken}`,
        accept: mediaType,
        'content-type': mediaType,
        'user-agent': 'CircleCI-GOAT/test',
      },
    },
  ]);
});

test('each attempt of a call is reported with its name and its status', async () => {
  const attempts: unknown[] = [];
  api.answer('unclaim', [{ status: 503 }, { fault: 'reset' }, {}]);
  await testClient(api.url, { observe: (...attempt) => attempts.push(attempt) }).unclaim('task-1');
  expect(attempts).toEqual([
    ['unclaim', 503],
    ['unclaim', 0],
    ['unclaim', 200],
  ]);
});

test('fail posts the allocation, whole milliseconds and the message in base64 without what HTML reads', async () => {
  await testClient(api.url).fail('alloc-1', 1257894000000.9, `<'&error': "größer" 🙂>`);
  const message = Buffer.from('error: größer 🙂').toString('base64');
  expect(api.requests).toMatchObject([
    {
      method: 'POST',
      path: '/api/v2/task/event/fail',
      body: `{"allocation":"alloc-1","timestamp":1257894000000,"message":"${message}"}`,
      headers: { authorization: `Bearer ${testToken}`, accept: mediaType, 'content-type': mediaType },
    },
  ]);
});

test.each(['', '/', '/a/prefix', '/a/prefix/', '/a/prefix?query#fragment'])(
  'routes follow the path of the base URL %j',
  async (path) => {
    await testClient(`${api.url}${path}`).unclaim('task');
    const prefix = path.startsWith('/a/prefix') ? '/a/prefix' : '';
    expect(api.requests[0]?.path).toBe(`${prefix}/api/v3/runner/unclaim`);
  },
);

test('credentials in the base URL are neither sent nor shown', async () => {
  api.answer('unclaim', [{ status: 400 }]);
  const error = await errorOf(testClient(api.url.replace('//', '//someone:sesame@')).unclaim('task'));
  expect(api.requests[0]?.headers.authorization).toBe(`Bearer ${testToken}`);
  expect(error.message).toContain(`127.0.0.1:${api.port}`);
  expect(error.message).not.toContain('sesame');
});

test.each([200, 201, 202, 204, 299])('status %d is success', async (status) => {
  api.answer('unclaim', [{ status }]);
  await testClient(api.url).unclaim('task');
  expect(api.requests).toHaveLength(1);
});

test.each([301, 302, 303, 307, 308, 400, 401, 403, 404, 409, 410, 422, 499])(
  'status %d is final',
  async (status) => {
    api.answer('fail', [{ status, headers: { Location: `${api.url}/elsewhere` } }]);
    const error = await errorOf(testClient(api.url).fail('alloc', 0, 'message'));
    expect(error).toMatchObject({ status, meaning: status === 404 ? 'gone' : 'refused', attempts: 1 });
    expect(error.message).toContain(`HTTP status ${status}`);
    expect(api.requests).toHaveLength(1);
  },
);

test.each([408, 425, 429, 500, 502, 503, 504, 599])(
  'status %d is tried again until the call succeeds',
  async (status) => {
    api.answer('unclaim', [{ status }, { status }, { status: 200 }]);
    await testClient(api.url).unclaim('task');
    expect(api.requests).toHaveLength(3);
  },
);

test('only 409 to unclaim means that the retries are used up', async () => {
  api.answer('unclaim', [{ status: 409 }]);
  api.answer('fail', [{ status: 409 }]);
  api.answer('unclaim', [{ status: 404 }], 'unknown');
  const client = testClient(api.url);
  expect(isRetriesExhausted(await errorOf(client.unclaim('task')))).toBe(true);
  expect(isRetriesExhausted(await errorOf(client.unclaim('unknown')))).toBe(false);
  expect(isRetriesExhausted(await errorOf(client.fail('task', 0, '')))).toBe(false);
  expect(isRetriesExhausted(new Error('409'))).toBe(false);
});

const doubt = '; the runner API may have accepted an attempt all the same';

test.each<[string, boolean, readonly ProgrammedAnswer[]]>([
  ['after an answer that was lost', true, [{ fault: 'close' }, { status: 404 }]],
  ['after an error of the server', true, [{ status: 504 }, { status: 409 }]],
  ['after the request to try again', false, [{ status: 429 }, { status: 404 }]],
  ['of the first attempt', false, [{ status: 401 }]],
])('a refusal %s may follow an attempt that was accepted: %s', async (_case, isUncertain, answers) => {
  api.answer('fail', answers);
  const error = await errorOf(testClient(api.url).fail('alloc', 0, ''));
  expect(error.isUncertain).toBe(isUncertain);
  expect(error.message.endsWith(doubt)).toBe(isUncertain);
});

test('a call that reached nobody was not accepted', async () => {
  stopClock();
  const url = `http://127.0.0.1:${closedPort()}`;
  const error = await errorOf(testClient(url, { limits: fewAttempts }).unclaim('task'));
  expect(error.isUncertain).toBe(false);
  expect(error.message).not.toContain(doubt);
});

test('a claim whose answer was lost may have been accepted', async () => {
  api.answer('claim', [{ fault: 'close' }]);
  const claim = { token: testToken, name: 'n', hostname: 'h', ip: '', version: '1' };
  const error = await errorOf(testRunnerApi(api.url).claim(claim));
  expect(error.isUncertain).toBe(true);
  expect(error.message.endsWith(doubt)).toBe(true);
});

test('a message has the whole address, and a 404 points to the path of the base URL', async () => {
  api.answer('unclaim', [{ status: 404 }]);
  const client = testClient(`${api.url}/wrong/?q=secret`);
  const { message } = await errorOf(client.unclaim('task'));
  expect(message).toContain(`POST ${api.url}/wrong/api/v3/runner/unclaim: HTTP status 404 (`);
  expect(message).toContain('the path of the base URL is wrong');
});

test('a call that continues reports its first attempt once, and how long it may continue', async () => {
  stopClock();
  api.answer('unclaim', [{ status: 503 }, { fault: 'reset' }, { status: 502 }, {}]);
  const onRetry = vi.fn();
  await testClient(api.url, { limits: { totalMs: 9000 }, onRetry }).unclaim('task');
  expect(api.requests).toHaveLength(4);
  expect(onRetry.mock.calls).toEqual([[expect.any(RunnerApiError), 9000]]);
  expect(onRetry.mock.calls[0]?.[0].message).toContain(
    `cannot hand the task back to the runner API: POST ${api.url}/api/v3/runner/unclaim: HTTP status 503 (1 attempt in 0.0 s); look at`,
  );
});

test('a call that ends with its first attempt, or that makes only a few, does not report it', async () => {
  api.answer('unclaim', [{ status: 400 }]);
  api.answer('step-start', [{ status: 503 }, {}]);
  const onRetry = vi.fn();
  await errorOf(testClient(api.url, { onRetry }).unclaim('task'));
  const attributes = { type: '', phase: '', name: '', command: '', insignificant: false };
  const { steps } = testRunnerApi(api.url, { onRetry });
  await steps.start({ taskToken: testToken, id: 1 }, attributes);
  expect(api.requests).toHaveLength(3);
  expect(onRetry).not.toHaveBeenCalled();
});

test('calls with a common time budget end within it, and the last one has the time of an attempt', async () => {
  stopClock();
  api.answer('unclaim', [{ fault: 'hang' }]);
  api.answer('fail', [{ fault: 'hang' }]);
  const limits = { attemptMs: 1000, totalMs: 3000, longestPauseMs: 1_000_000, firstPauseMs: 1_000_000 };
  const client = testClient(api.url, { limits, budgetMs: 1500 });
  const unclaimed = errorOf(client.unclaim('task'));
  await api.until((requests) => requests.length === 1);
  vi.advanceTimersByTime(1000);
  expect((await unclaimed).message).toContain('(1 attempt in 1.0 s)');
  const failed = errorOf(client.fail('alloc', 0, ''));
  await api.until((requests) => requests.length === 2);
  vi.advanceTimersByTime(1000);
  expect((await failed).message).toContain('(1 attempt in 1.0 s)');
});

test.each([
  ['with a time budget is tried once more at the end of its time', 2, { budgetMs: 2000 }],
  ['without one is left to the caller', 1, {}],
])('a call %s if the server asks to be left alone for longer', async (_is, attempts, budget) => {
  stopClock();
  api.answer('fail', [{ status: 503, headers: { 'Retry-After': '3600' } }]);
  const limits = { attemptMs: 1990, totalMs: 2000 };
  const error = await errorOf(testClient(api.url, { limits, ...budget }).fail('alloc', 0, ''));
  expect(error).toMatchObject({ attempts, retryAfterMs: 3_600_000 });
});

test('a success after 5xx, faults and silence is accepted', async () => {
  stopClock();
  const attemptMs = 1000;
  api.answer('fail', [{ status: 500 }, { fault: 'reset' }, { fault: 'hang' }, { fault: 'garbage' }, {}]);
  const call = testClient(api.url, { limits: { attemptMs } }).fail('alloc', 0, '');
  await api.until((requests) => requests.length === 3);
  vi.advanceTimersByTime(attemptMs);
  await call;
  expect(api.requests).toHaveLength(5);
});

test('the time for all attempts includes the last one', async () => {
  stopClock();
  api.answer('unclaim', [{ fault: 'hang' }]);
  const limits = { attemptMs: 400, totalMs: 1000 };
  const call = errorOf(testClient(api.url, { limits }).unclaim('task'));
  for (const [index, ms] of [400, 400, 200].entries()) {
    await api.until((requests) => requests.length === index + 1);
    vi.advanceTimersByTime(ms);
  }
  expect((await call).message).toContain('no answer within 0.4 s (3 attempts in 1.0 s)');
});

test('calls at the same time do not disturb each other', async () => {
  const client = testClient(api.url);
  api.answer('unclaim', [{ status: 503 }, { delayMs: 20 }]);
  const tasks = Array.from({ length: 50 }, (_, n) => `task-${n}`);
  await Promise.all(tasks.map((task) => client.unclaim(task)));
  expect(tasks.map((task) => api.of(task).length)).toEqual(tasks.map(() => 2));
});

test.each([
  ['', /base URL is empty/],
  ['  ', /base URL is empty/],
  ['runner.example.com', /base URL is not a valid URL/],
  ['https://', /base URL is not a valid URL/],
  ['https://host:port/', /base URL is not a valid URL/],
  ['ftp://s3cret@runner.example.com', /base URL is neither http:\/\/ nor https:\/\//],
  ['runner.example.com:443', /base URL is neither http:\/\/ nor https:\/\//],
])('base URL %j is refused in one line that does not quote it', (baseUrl, message) => {
  expect(() => testClient(baseUrl)).toThrow(message);
  expect(() => testClient(baseUrl)).toThrow(/^[^\n]*$/);
  const secret = baseUrl.split('//').at(-1)?.trim();
  if (secret) expect(() => testClient(baseUrl)).not.toThrow(secret);
});

test('a token that fits into no header is refused without being shown', async () => {
  const error = await errorOf(testClient(api.url, {}, 'two\nlines').unclaim('task'));
  expect(error.message).toMatch(/token has characters/);
  expect(error.message).not.toContain('lines');
  expect(api.requests).toHaveLength(0);
});
