import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { answer, FakeCircleCi, goodToken, type Interception, pipelineId } from './fake-circleci.ts';
import { runSmokeTest, type SmokeTestResult } from './run-smoke-test.ts';
import type { DriverSettings } from './settings.ts';

let api: FakeCircleCi;
let lines: string[];

/** Functions that end a time limit, by the limit in ms. */
let timeOuts: Map<number, () => void>;

beforeEach(async () => {
  api = await FakeCircleCi.start();
  lines = [];
  timeOuts = new Map();
  vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
    const time = new AbortController();
    timeOuts.set(ms, () => time.abort(new DOMException('the time is up', 'TimeoutError')));
    return time.signal;
  });
});

afterEach(async () => {
  vi.restoreAllMocks();
  await api[Symbol.asyncDispose]();
});

/** Time limits that no test lets pass by itself. */
const limits = { timeoutMs: 200, attemptMs: 300, cleanUpMs: 400 };
const longMs = 60_000;
const interruption = new AbortController();

interface Run extends Partial<DriverSettings> {
  readonly signal?: AbortSignal;
}

function run(options: Run = {}): Promise<SmokeTestResult> {
  const { signal = interruption.signal, ...settings } = options;
  return runSmokeTest({
    settings: {
      driver: 'kubernetes',
      host: api.host,
      token: goodToken,
      projectSlug: 'github/circleci/runner-smoke-tests',
      branch: 'main',
      parameters: { driver: 'kubernetes', version: 'edge' },
      timeoutMs: limits.timeoutMs,
      ...settings,
    },
    print: (line) => lines.push(line),
    signal,
    pollIntervalMs: 5,
    progressIntervalMs: longMs,
    cleanUpMs: limits.cleanUpMs,
    requestTimes: { attemptMs: limits.attemptMs, firstPauseMs: 1, longestPauseMs: 20 },
  });
}

/** Ends the latest time of that kind. */
function pass(limit: keyof typeof limits): void {
  timeOuts.get(limits[limit])?.();
}

/** Disturbs the first requests that match, `times` of them. */
function disturbFirst(pattern: RegExp, times: number, disturbance: Interception): Interception {
  let left = times;
  return (request, response) =>
    pattern.test(`${request.method} ${request.url}`) && left-- > 0 && disturbance(request, response);
}

function status(code: number, headers?: Record<string, string>): Interception {
  return (_request, response) => {
    answer(response, code, { message: 'not now' }, headers);
    return true;
  };
}

const breakOff: Interception = (_request, response) => {
  response.socket?.destroy();
  return true;
};

test('triggers the pipeline with its branch, parameters and token, and passes when its workflow succeeds', async () => {
  api.addWorkflow('kubernetes', 'success');
  const result = await run({ branch: 'next', parameters: { version: '3.1', is_canary: true } });
  expect(result).toEqual({ passed: true, summary: `success ${api.host}/workflow-run/kubernetes-0` });
  expect(api.requests[0]).toEqual({
    method: 'POST',
    url: '/api/v2/project/github/circleci/runner-smoke-tests/pipeline',
    token: goodToken,
    body: { branch: 'next', parameters: { version: '3.1', is_canary: true } },
  });
  expect(api.calls.slice(1)).toEqual([`GET /pipeline/${pipelineId}/workflow`]);
});

test('waits for the workflow to appear and to end, and reports every change once', async () => {
  const statuses = ['running', 'running', 'failing', 'on_hold', 'not_run', 'success'];
  api.onPolled = (times) => {
    if (times === 3) api.addWorkflow('kubernetes', 'running');
    else api.setStatus('kubernetes', statuses[times - 3] ?? 'success');
  };
  expect(await run()).toMatchObject({ passed: true });
  const link = `${api.host}/workflow-run/kubernetes-0`;
  expect(lines.slice(2)).toEqual([
    'workflow kubernetes: not there yet',
    ...['running', 'failing', 'on_hold', 'not_run', 'success'].map(
      (now) => `workflow kubernetes: ${now} ${link}`,
    ),
  ]);
});

test.each([
  ['failed', /^failed; jobs: deploy failed, check canceled http/],
  ['error', /^error; CircleCI could not run it: .*; jobs: /],
  ['canceled', /^canceled; somebody or something canceled it/],
  ['unauthorized', /^unauthorized; whoever the token belongs to/],
])(
  'fails when the workflow ends as %s, says which jobs did not succeed, and cancels nothing',
  async (end, text) => {
    api.jobs = [
      { name: 'build', status: 'success' },
      { name: 'lint', status: 'success' },
      { name: 'deploy', status: 'failed' },
      { name: 'check', status: 'canceled' },
    ];
    api.addWorkflow('kubernetes', end);
    const { passed, summary } = await run();
    expect(passed).toBe(false);
    expect(summary).toMatch(text);
    expect(summary).toContain(`${api.host}/workflow-run/kubernetes-0`);
    expect(api.calls.filter((call) => call.includes('cancel'))).toEqual([]);
  },
);

test('fails with the final status of the workflow, even if its jobs cannot be read', async () => {
  api.addWorkflow('kubernetes', 'failed');
  api.disturb = disturbFirst(/\/job$/, 9, status(403));
  expect(await run()).toEqual({ passed: false, summary: `failed ${api.host}/workflow-run/kubernetes-0` });
});

test('finds its workflow by name, on any page', async () => {
  for (const name of ['one', 'two', 'three', 'four']) api.addWorkflow(name, 'failed');
  api.addWorkflow('kubernetes', 'success');
  expect(await run()).toMatchObject({ passed: true });
  expect(api.calls.slice(1)).toEqual([
    `GET /pipeline/${pipelineId}/workflow`,
    `GET /pipeline/${pipelineId}/workflow?page-token=from%202`,
    `GET /pipeline/${pipelineId}/workflow?page-token=from%204`,
  ]);
});

test('judges the first run of its workflow if there are reruns', async () => {
  api.addWorkflow('kubernetes', 'failed', '2026-01-01T12:00:00Z');
  api.addWorkflow('kubernetes', 'success', '2026-01-01T11:00:00Z');
  expect(await run()).toMatchObject({ passed: true });
});

test('gives a workflow up in time that never ends, and cancels it', async () => {
  api.addWorkflow('kubernetes', 'running');
  api.onPolled = (times) => times === 3 && pass('timeoutMs');
  const { passed, summary } = await run();
  expect(passed).toBe(false);
  expect(summary).toMatch(
    /^timed out after 0\.2 s, when the workflow was "running";.* ?canceled kubernetes http/,
  );
  expect(api.calls).toContain('POST /workflow/kubernetes-0/cancel');
  expect(api.workflows).toMatchObject([{ status: 'canceled' }]);
});

test('gives up in time if its workflow never appears, and cancels the running ones', async () => {
  api.addWorkflow('other', 'running');
  api.addWorkflow('done', 'success');
  api.onPolled = (times) => times === 3 && pass('timeoutMs');
  const { passed, summary } = await run();
  expect(passed).toBe(false);
  expect(summary).toMatch(
    /^timed out after 0\.2 s, when there was no workflow "kubernetes" in pipeline 42;.*canceled other$/,
  );
  expect(api.calls.filter((call) => call.includes('cancel'))).toEqual(['POST /workflow/other-0/cancel']);
});

test('says so if a workflow could not be canceled after the timeout', async () => {
  api.addWorkflow('kubernetes', 'running');
  api.disturb = disturbFirst(/cancel$/, 9, status(403));
  api.onPolled = (times) => times === 3 && pass('timeoutMs');
  const { summary } = await run();
  expect(summary).toContain('could not cancel it: POST /workflow/kubernetes-0/cancel: HTTP 403, "not now"');
});

test('cancels the workflow when it is interrupted itself', async () => {
  const interrupted = new AbortController();
  api.addWorkflow('kubernetes', 'running');
  api.onPolled = (times) => times === 3 && interrupted.abort('SIGTERM');
  const { passed, summary } = await run({ signal: interrupted.signal });
  expect(passed).toBe(false);
  expect(summary).toMatch(/^interrupted by SIGTERM;.* ?canceled kubernetes http/);
});

test('does not wait for workflows of a pipeline whose configuration is wrong', async () => {
  api.pipelineErrors = [
    { type: 'config', message: 'no such parameter: driver' },
    { type: 'config', message: 'and more' },
  ];
  expect(await run()).toEqual({
    passed: false,
    summary: 'pipeline 42 has no workflows: no such parameter: driver; and more',
  });
});

test.each([
  ['HTTP 500', 'every request', status(500), /GET/],
  ['HTTP 503', 'every request', status(503), /./],
  ['HTTP 429', 'every request', status(429), /./],
  ['HTTP 429 with Retry-After', 'every request', status(429, { 'retry-after': '120' }), /./],
  ['HTTP 404 for what was just created', 'looking', status(404), /GET/],
  ['a connection that breaks off', 'looking', breakOff, /GET/],
])('gets over %s to %s', async (_title, _what, disturbance, pattern) => {
  api.addWorkflow('kubernetes', 'success');
  api.disturb = disturbFirst(pattern, 3, disturbance);
  expect(await run()).toMatchObject({ passed: true });
  expect(api.requests.length).toBeGreaterThanOrEqual(5);
  expect(lines.filter((line) => line.endsWith('; trying again'))).toHaveLength(1);
});

test('survives a page that takes too long', async () => {
  api.addWorkflow('kubernetes', 'success');
  api.disturb = disturbFirst(/GET/, 1, () => {
    pass('attemptMs');
    return true;
  });
  expect(await run()).toMatchObject({ passed: true });
  expect(lines).toContain(`GET /pipeline/${pipelineId}/workflow: no answer in time; trying again`);
});

test('gives up in time if the API never answers', async () => {
  api.disturb = () => {
    pass('timeoutMs');
    return true;
  };
  const { passed, summary } = await run();
  expect(passed).toBe(false);
  expect(summary).toMatch(
    /^timed out after 0\.2 s, before a pipeline was created; last: POST .*: no answer in time$/,
  );
});

test('gives up in time if the API never recovers, and reports the last error', async () => {
  let failed = 0;
  api.disturb = (request, response) => {
    if (request.method !== 'GET') return false;
    status(502)(request, response);
    if (++failed === 3) pass('timeoutMs');
    if (failed === 6) pass('cleanUpMs');
    return true;
  };
  const { summary } = await run();
  expect(summary).toMatch(
    /^timed out .*; last: GET .*: HTTP 502, "not now"; could not cancel it: GET .*HTTP 502/,
  );
});

test.each([
  ['an unknown token', { token: 'wrong' }, 'HTTP 401, "You must log in first."'],
  ['an unknown project', { projectSlug: 'github/none/none' }, 'HTTP 404, "Project not found"'],
])('fails at once for %s', async (_title, settings, text) => {
  const { passed, summary } = await run(settings);
  expect(passed).toBe(false);
  expect(summary).toContain(text);
  expect(api.requests).toHaveLength(1);
});

test('does not trigger again if the first trigger may have had an effect', async () => {
  api.disturb = disturbFirst(/POST/, 9, breakOff);
  expect(await run()).toMatchObject({ passed: false });
  expect(api.requests).toHaveLength(1);
  api.disturb = disturbFirst(/POST/, 9, status(500));
  expect(await run()).toMatchObject({ passed: false, summary: expect.stringContaining('HTTP 500') });
  expect(api.requests).toHaveLength(2);
});

test.each([
  ['no JSON', (response: Parameters<Interception>[1]) => response.end('<html>')],
  ['JSON of something else', (response: Parameters<Interception>[1]) => response.end('{"items":[]}')],
])('says so when what answers is no CircleCI API: %s', async (_title, reply) => {
  api.disturb = (_request, response) => {
    reply(response);
    return true;
  };
  expect((await run()).summary).toContain('is this a CircleCI API?');
});

test('stops if the pages of the API never end', async () => {
  api.disturb = (request, response) => {
    if (!request.url.includes('/workflow')) return false;
    answer(response, 200, { items: [], next_page_token: 'again' });
    return true;
  };
  expect((await run()).summary).toContain('more than 100 pages');
});

test('never prints the token, whatever happens', async () => {
  api.addWorkflow('kubernetes', 'failed');
  const { summary } = await run();
  expect([summary, ...lines].join('\n')).not.toContain(goodToken);
});
