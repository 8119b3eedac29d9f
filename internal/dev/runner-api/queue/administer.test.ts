import { afterEach, beforeEach, expect, test } from 'vitest';
import { type FakeRunnerApi, startFakeRunnerApi } from '../fake-runner-api.ts';
import { TaskQueue } from './task-queue.ts';

let tasks: TaskQueue;
let server: FakeRunnerApi;
beforeEach(async () => {
  tasks = new TaskQueue({ 'a/b': 'class-token' });
  server = await startFakeRunnerApi({ tasks });
});
afterEach(() => server.close());

async function ask(method: string, path: string, body?: unknown) {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const answer = await fetch(`${server.url}${path}`, init);
  const text = await answer.text();
  return { status: answer.status, json: text === '' ? undefined : JSON.parse(text) };
}

test('submits a task, shows it and cancels it', async () => {
  const submission = { resourceClass: 'a/b', configuration: { task_id: 'mine' }, retries: 1 };
  const task = { taskId: 'mine', resourceClass: 'a/b', state: 'queued', retriesLeft: 1, claims: [] };
  expect(await ask('POST', '/dev/tasks', submission)).toMatchObject({ status: 201, json: task });
  expect(await ask('GET', '/dev/tasks')).toMatchObject({ status: 200, json: [task] });
  expect(await ask('DELETE', '/dev/tasks/mine')).toMatchObject({ status: 204 });
  expect(await ask('GET', '/dev/tasks/mine')).toMatchObject({ json: { state: 'cancelled' } });
});

test('programs answers', async () => {
  const program = { call: 'claim', answers: [{ status: 429, headers: { 'Retry-After': '7' } }] };
  expect(await ask('PUT', '/dev/answers', program)).toMatchObject({ status: 204 });
  const { status, headers } = await fetch(`${server.url}/api/v3/runner/claim`, { method: 'POST' });
  expect([status, headers.get('retry-after')]).toEqual([429, '7']);
});

test.each([
  ['POST', '/dev/tasks', { resourceClass: 'a/b' }, 400],
  ['POST', '/dev/tasks', 'text', 400],
  ['PUT', '/dev/answers', { call: 'unknown', answers: [] }, 400],
  ['GET', '/dev/tasks/unknown', undefined, 404],
  ['DELETE', '/dev/tasks/unknown', undefined, 404],
  ['PATCH', '/dev/tasks', {}, 404],
])('answers %s %s with %j with %d', async (method, path, body, status) => {
  expect(await ask(method, path, body)).toMatchObject({ status });
});

test('records only the calls of runners', async () => {
  await ask('GET', '/dev/tasks');
  expect(server.requests).toEqual([]);
});
