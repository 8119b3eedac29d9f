import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterEach, expect, onTestFinished, test } from 'vitest';
import { type FakeRunnerApi, startFakeRunnerApi } from './fake-runner-api.ts';

let api: FakeRunnerApi;
afterEach(() => api?.close());

async function post(url: string, route: string, body: unknown): Promise<number> {
  const { status } = await fetch(`${url}${route}`, { method: 'POST', body: JSON.stringify(body) });
  return status;
}
const unclaim = (url: string, key: string) => post(url, '/api/v3/runner/unclaim', { task_id: key });

test('records everything by task, and answers unknown routes with 404', async () => {
  api = await startFakeRunnerApi();
  expect(await unclaim(api.url, 'task')).toBe(200);
  const message = Buffer.from('größer').toString('base64');
  expect(await post(api.url, '/prefix/api/v2/task/event/fail', { allocation: 'alloc', message })).toBe(200);
  expect(await post(api.url, '/elsewhere', 'text')).toBe(404);
  expect(api.of('task')).toMatchObject([{ call: 'unclaim', attempt: 1, json: { task_id: 'task' } }]);
  expect(api.of('alloc')).toMatchObject([
    { call: 'fail', path: '/prefix/api/v2/task/event/fail', message: 'größer' },
  ]);
  expect(api.requests.map(({ key }) => key)).toEqual(['task', 'alloc', '']);
});

test('answers each attempt of each task as programmed, the last answer from then on', async () => {
  api = await startFakeRunnerApi({ answers: { unclaim: [{ status: 500 }, { status: 202 }] } });
  api.answer('unclaim', [{ status: 409 }], 'exhausted');
  const statuses = [];
  for (const key of ['a', 'b', 'a', 'a', 'exhausted', 'b']) statuses.push(await unclaim(api.url, key));
  expect(statuses).toEqual([500, 500, 202, 202, 409, 202]);
});

test('counts attempts from when they are programmed', async () => {
  api = await startFakeRunnerApi();
  const statuses = [await unclaim(api.url, 'a')];
  api.answer('unclaim', [{ status: 500 }, { status: 202 }]);
  for (let count = 0; count < 3; count++) statuses.push(await unclaim(api.url, 'a'));
  expect(statuses).toEqual([200, 500, 202, 202]);
});

test('distinguishes tasks that call at the same time', async () => {
  api = await startFakeRunnerApi({ answers: { unclaim: [{ delayMs: 20 }] } });
  const keys = Array.from({ length: 400 }, (_, n) => `task-${n}`);
  await Promise.all(keys.map((key) => unclaim(api.url, key)));
  expect(keys.filter((key) => api.of(key).length !== 1)).toEqual([]);
});

const program = fileURLToPath(new URL('./serve.ts', import.meta.url));

/** Starts the server as a process. It prints lines of JSON. */
function startProcess(...args: string[]) {
  const child = spawn(process.execPath, [program, '--port', '0', ...args]);
  onTestFinished(async () => {
    child.kill();
    await once(child, 'exit');
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return async () => JSON.parse((await lines.next()).value ?? '');
}

test('as a process, prints its address and then a line for each request', async () => {
  const nextLine = startProcess('--answers', JSON.stringify({ unclaim: [{ status: 409 }] }));
  const { url } = await nextLine();
  expect(await unclaim(url, 'task')).toBe(409);
  expect(await nextLine()).toMatchObject({
    call: 'unclaim',
    key: 'task',
    attempt: 1,
    headers: {},
    method: 'POST',
  });
});

test('as a process with resource classes, accepts tasks and gives them away', async () => {
  const nextLine = startProcess('--classes', JSON.stringify({ 'a/b': 'class-token' }));
  const { url } = await nextLine();
  expect(await post(url, '/dev/tasks', { resourceClass: 'a/b', configuration: {} })).toBe(201);
  const claim = await fetch(`${url}/api/v3/runner/claim`, {
    method: 'POST',
    headers: { Authorization: 'Bearer class-token' },
    body: JSON.stringify({ name: 'agent', hostname: 'host', ip: '', version: '1' }),
  });
  expect(await claim.json()).toMatchObject({ resource_class: 'a/b', warning: '' });
  expect(await nextLine()).toMatchObject({ call: 'claim', key: 'a/b' });
});

test.each([
  [['--answers', '{'], /^error: option '--answers <JSON>'.* Expected a JSON object\.$/],
  [['--classes', '["a/b"]'], /^error: option '--classes <JSON>'.* Expected a JSON object\.$/],
  [['--tls-key', '/proc/none'], /^error: option '--tls-key <FILE>'.* ENOENT: no such file .*$/],
  [['--host', '192.0.2.1'], /^error: cannot listen: .* 192\.0\.2\.1$/],
])('as a process, refuses %j in one line', async (args, line) => {
  const { exitCode, stderr } = await execa(process.execPath, [program, ...args], { reject: false });
  expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringMatching(line) });
});
