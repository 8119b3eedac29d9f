import { afterEach, beforeEach, expect, test } from 'vitest';
import { createRunnerApi, type RunnerApi } from '../../../../clients/runner/runner-api.ts';
import { statusOf } from '../../../../clients/runner/runner-api-error.ts';
import { type FakeRunnerApi, startFakeRunnerApi } from '../fake-runner-api.ts';
import { TaskQueue } from './task-queue.ts';

let tasks: TaskQueue;
let server: FakeRunnerApi;
let api: RunnerApi;
beforeEach(async () => {
  tasks = new TaskQueue({ 'a/linux': 'linux-token', 'a/arm': 'arm-token' });
  server = await startFakeRunnerApi({ tasks });
  api = createRunnerApi({ baseUrl: server.url, userAgent: 'test', proxy: {}, ca: [] });
});
afterEach(async () => {
  await api.close();
  await server.close();
});

const runner = { name: 'agent', hostname: 'host', ip: '192.0.2.1', version: '1' };
const claim = async (token = 'linux-token') => (await api.claim({ token, ...runner })).task;
const forever = new AbortController().signal;

/** Submits a task and claims it. */
async function claimed(retries?: number) {
  const task = tasks.submit({ resourceClass: 'a/linux', configuration: { docker: [] }, retries });
  const given = await claim();
  if (given === undefined) throw new Error('there was no work');
  const handBack = (taskToken = given.token) => api.unclaim({ taskId: task.taskId, taskToken });
  const fail = (allocation = given.allocation) =>
    api.fail({ taskToken: given.token, allocation, timestampMs: 0, message: 'größer' });
  return { task, given, handBack, fail };
}

/** The status of a refused call, or 200. */
async function status(call: Promise<unknown>): Promise<number | undefined> {
  return call.then(() => 200, statusOf);
}

test('gives each class its own tasks, in the order of submission, and each task once', async () => {
  const [first, second] = [1, 2].map(() => tasks.submit({ resourceClass: 'a/linux', configuration: {} }));
  tasks.submit({ resourceClass: 'a/arm', configuration: {} });
  const allocations = [await claim(), await claim(), await claim()].map((task) => task?.allocation);
  expect(allocations).toEqual([first?.claims[0]?.allocation, second?.claims[0]?.allocation, undefined]);
  expect(await claim('arm-token')).toMatchObject({ resourceClass: 'a/arm' });
});

test('knows only the current tokens of its classes', async () => {
  expect(await status(claim('wrong'))).toBe(401);
  tasks.setToken('a/linux', 'new-token');
  expect(await status(claim('linux-token'))).toBe(401);
  expect(await status(claim('new-token'))).toBe(200);
});

test('gives the configuration of a task with its id, and a warning with its claim', async () => {
  tasks.submit({ resourceClass: 'a/linux', configuration: { task_id: 'mine', x: 1 }, warning: 'old' });
  const { task, warning } = await api.claim({ token: 'linux-token', ...runner });
  expect(warning).toBe('old');
  expect(await api.taskConfiguration(task?.token ?? '', forever)).toEqual({ task_id: 'mine', x: 1 });
  expect(await status(api.taskConfiguration('wrong', forever))).toBe(404);
});

test('gives a task that was handed back to the next claim, with a new token, until its retries are used up', async () => {
  const { given, handBack, task } = await claimed(1);
  await handBack();
  expect(task).toMatchObject({ state: 'queued', retriesLeft: 0, claims: [{ handedBack: true }] });
  expect(await status(handBack())).toBe(404);
  expect(await status(api.taskConfiguration(given.token, forever))).toBe(404);
  const again = await claim();
  expect(again?.token).not.toBe(given.token);
  expect(again?.allocation).not.toBe(given.allocation);
  expect(await status(handBack(again?.token))).toBe(409);
  expect(task).toMatchObject({ state: 'claimed', claims: [{ handedBack: true }, { handedBack: false }] });
});

test('ends a failed task once, and keeps its message', async () => {
  const { fail, handBack, task } = await claimed();
  expect(await status(fail('wrong'))).toBe(404);
  await fail();
  expect(task).toMatchObject({ state: 'failed', message: 'größer' });
  expect(await status(fail())).toBe(404);
  expect(await status(handBack())).toBe(404);
});

test('answers every call of a cancelled task with 404', async () => {
  const { fail, given, handBack, task } = await claimed();
  const step = { taskToken: given.token, id: 0 };
  tasks.cancel(task.taskId);
  const calls = [
    handBack(),
    fail(),
    api.taskConfiguration(given.token, forever),
    api.steps.output(step, 0, Buffer.from('x')),
    api.steps.end(step, 'success'),
  ];
  expect(await Promise.all(calls.map(status))).toEqual(calls.map(() => 404));
  expect(task.state).toBe('cancelled');
});

test('never gives a cancelled task away', async () => {
  const { taskId } = tasks.submit({ resourceClass: 'a/linux', configuration: {} });
  tasks.cancel(taskId);
  expect(await claim()).toBeUndefined();
});

test('shows the steps of each claim with their output in order, even if a part came twice', async () => {
  const { given, handBack, task } = await claimed();
  const step = { taskToken: given.token, id: 97 };
  const attributes = { type: 'x', phase: 'y', name: 'z', command: '', insignificant: true };
  await api.steps.start(step, attributes);
  const word = Buffer.from('größer\n');
  // The split is in the middle of a character.
  await api.steps.output(step, 1, word.subarray(3));
  for (let count = 0; count < 2; count++) await api.steps.output(step, 0, word.subarray(0, 3));
  await handBack();
  await api.steps.end(step, 'failure');
  expect(JSON.parse(JSON.stringify(task.claims[0]?.steps))).toEqual([
    {
      id: 97,
      attributes: { ...attributes, background: false, parallel: false },
      output: 'größer\n',
      sequences: [0, 1],
      end: { result: 'failure', exit_code: '1' },
    },
  ]);
});

test('knows of a success from the agent', async () => {
  const { given, handBack, task } = await claimed();
  const tell = (token: string) =>
    fetch(`${server.url}/dev/agent/success`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}` },
    });
  expect((await tell('wrong')).status).toBe(404);
  expect((await tell(given.token)).status).toBe(200);
  expect(task.state).toBe('succeeded');
  expect(await status(handBack())).toBe(404);
});

test.each([
  ['claim', '/api/v3/runner/claim', { name: 'two words', hostname: '', ip: '', version: '' }],
  ['claim', '/api/v3/runner/claim', { name: 'x', hostname: '', ip: '' }],
  ['unclaim', '/api/v3/runner/unclaim', { task_id: 'x' }],
  ['fail', '/api/v2/task/event/fail', { allocation: 'x', timestamp: 1.5, message: '' }],
  ['fail', '/api/v2/task/event/fail', { allocation: 'x', timestamp: 1, message: 'not base64' }],
  ['step', '/api/v2/step/output', { step: {}, out: '' }],
  ['step', '/api/v2/step/output', 'text'],
])('answers a %s at %s with the body %j with 400', async (_call, path, body) => {
  const { given } = await claimed();
  const headers = { Authorization: `Bearer ${given.token}` };
  const answer = await fetch(`${server.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  expect(answer.status).toBe(400);
});

test('counts tasks and lists the runners that asked for them', async () => {
  await claimed();
  tasks.submit({ resourceClass: 'a/linux', configuration: {} });
  tasks.submit({ resourceClass: 'a/linux', configuration: {} });
  tasks.submit({ resourceClass: 'a/arm', configuration: {} });
  const get = async (path: string) => {
    const url = `${server.url}/api/v3/runner${path}?resource-class=a%2Flinux`;
    return (await fetch(url, { headers: { Authorization: 'Bearer owner' } })).json();
  };
  expect(await get('/tasks')).toEqual({ unclaimed_task_count: 2 });
  expect(await get('/tasks/running')).toEqual({ running_runner_tasks: 1 });
  expect(await get('')).toMatchObject({ items: [{ ...runner, resource_class: 'a/linux' }] });
});

test('records requests by the class or task of their token', async () => {
  const { given, fail, task } = await claimed();
  await api.taskConfiguration(given.token, forever);
  await fail();
  expect(server.of('a/linux').map(({ call }) => call)).toEqual(['claim']);
  expect(server.of(task.taskId).map(({ call }) => call)).toEqual(['task-configuration', 'fail']);
});

test('a programmed status replaces the effect of a call', async () => {
  server.answer('claim', [{ status: 503 }, {}], 'a/linux');
  const task = tasks.submit({ resourceClass: 'a/linux', configuration: {} });
  expect(await status(claim())).toBe(503);
  expect(task.state).toBe('queued');
  expect(await status(claim())).toBe(200);
  expect(task.state).toBe('claimed');
});

test('a programmed fault without a status loses the answer to a call that had its effect', async () => {
  const { handBack, task } = await claimed();
  server.answer('unclaim', [{ fault: 'reset' }, {}], task.taskId);
  expect(await status(handBack())).toBe(404);
  expect(task.state).toBe('queued');
});
