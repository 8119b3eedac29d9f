import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { expect, test } from 'vitest';
import { sendJson } from '../../internal/dev/kubernetes-api/answers.ts';
import { pods, secrets, startSweeping, task } from './fixtures/start-sweeping.ts';
import { sweep } from './sweep.ts';

test.each<[string, object, string]>([
  ['malformed labels', { labels: 5 }, 'metadata.labels must be an object, but is a number'],
  ['a malformed label', { labels: { x: {} } }, 'metadata.labels.x must be a string, but is an object'],
])('a Pod with %s keeps nothing from being swept but its own task', async (_case, part, problem) => {
  // Everything is old enough to be deleted.
  const { addTask, api, deleted, lines, signal, contextOf, tasks } = await startSweeping({
    oldMs: -3600_000,
  });
  await addTask('us');
  await addTask('us', { id: '2', secret: false });
  await addTask('us', { id: '3', secret: false });
  await addTask('us', { id: '4' });
  api.intercept = ({ method, path }, response) => {
    if (method !== 'GET' || path !== pods) return false;
    const items = api.names(pods).map((name) => {
      const { metadata }: Pod = api.get(pods, name) as never;
      const isMalformed = name === task || name.includes('-2-');
      return { metadata: isMalformed ? { ...metadata, ...part } : metadata };
    });
    sendJson(response, 200, { kind: 'List', metadata: {}, items });
    return true;
  };
  await sweep(contextOf('us'), signal, signal);
  expect(tasks.map(({ record }) => record.taskId)).toEqual(['4']);
  expect(deleted).toEqual(['pod']);
  expect(lines.filter(({ level }) => level === 'warn')).toEqual([
    {
      level: 'warn',
      message: 'a Pod is malformed, and the sweep leaves its task out',
      fields: { pod: task, problem, 'pods.malformed': 2 },
    },
  ]);
});

test.each<[string, object, string]>([
  [
    'malformed containers',
    { spec: { containers: 'x' } },
    'spec.containers must be an array, but is a string',
  ],
  [
    'a malformed status',
    { status: { containerStatuses: [null] } },
    'status.containerStatuses[0] must be an object, but is null',
  ],
])('a Pod with %s is left alone, as it may run, and no other is', async (_case, part, problem) => {
  const { addTask, api, deleted, lines, signal, contextOf, tasks } = await startSweeping();
  await addTask('us', { secret: false });
  await addTask('us', { id: '2', secret: false });
  await addTask('us', { id: '3' });
  await addTask('us', { id: '4' });
  const malformed = [task, ...api.names(pods).filter((name) => name.includes('-3-'))];
  for (const name of malformed) api.put(pods, { ...api.get(pods, name), ...part } as never);
  expect(await sweep(contextOf('us'), signal, signal)).toBe(true);
  expect(deleted).toEqual(['pod']);
  expect(tasks.map(({ record }) => record.taskId)).toEqual(['4']);
  expect(api.names(pods)).toEqual(expect.arrayContaining(malformed));
  expect(lines.filter(({ level }) => level === 'warn')).toEqual([
    {
      level: 'warn',
      message: 'a Pod is malformed, and the sweep leaves its task out',
      fields: { pod: expect.stringMatching(/^ccita-/), problem, 'pods.malformed': 2 },
    },
  ]);
});

test('a Pod without a name keeps nothing from being swept', async () => {
  const { addTask, api, deleted, lines, signal, contextOf } = await startSweeping();
  await addTask('us', { secret: false });
  api.intercept = ({ method, path }, response) => {
    if (method !== 'GET' || path !== pods) return false;
    sendJson(response, 200, { kind: 'List', metadata: {}, items: [{ metadata: {} }, api.get(pods, task)] });
    return true;
  };
  await sweep(contextOf('us'), signal, signal);
  expect(deleted).toEqual(['pod']);
  expect(lines.find(({ level }) => level === 'warn')?.fields).toMatchObject({
    pod: undefined,
    problem: 'metadata.name must be a string, but is missing',
  });
});

test('a sweep ends at a malformed Secret, without which a task might look over', async () => {
  const { addTask, api, deleted, signal, contextOf, tasks } = await startSweeping();
  await addTask('us');
  await addTask('us', { id: '2', secret: false });
  api.intercept = ({ method, path }, response) => {
    if (method !== 'GET' || path !== secrets) return false;
    sendJson(response, 200, {
      kind: 'List',
      metadata: {},
      items: [{ metadata: { name: task, annotations: 'x' } }],
    });
    return true;
  };
  await expect(sweep(contextOf('us'), signal, signal)).rejects.toThrow(
    `the Secret ${task} is malformed: metadata.annotations must be an object, but is a string`,
  );
  expect([tasks, deleted]).toEqual([[], []]);
});
