import { setImmediate } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { secretsPath } from '../../clients/kubernetes/fixtures/test-kubernetes.ts';
import { KubernetesError, NoAnswerError } from '../../clients/kubernetes/kubernetes-error.ts';
import { sendStatus } from '../../internal/dev/kubernetes-api/answers.ts';
import { waitFor } from '../../internal/dev/testing/wait-for.ts';
import { Slots } from '../claims/slots.ts';
import { testTaskContext } from '../life/fixtures/test-task-context.ts';
import type { TakenOverTask } from '../life/take-over-task.ts';
import type { TaskContext } from '../life/task-context.ts';
import { ClassTokens } from './class-tokens.ts';
import { Controller } from './controller.ts';

/** The errors of the first sweeps, and the time between two sweeps, ms. */
interface SweepsAtStart {
  readonly failures: readonly Error[];
  readonly everyMs: number;
}

/** A controller with tokens for these classes, and a runner API with these tasks. */
async function startController(
  classes: readonly string[],
  tasks: readonly string[],
  change: Partial<TaskContext> = {},
  orphans: TakenOverTask[] = [],
  sweeps: SweepsAtStart = { failures: [], everyMs: 20 },
) {
  const task = await testTaskContext(change);
  const { api, client, runnerApi, signal, context } = task;
  const data = Object.fromEntries(
    classes.map((name) => [name, Buffer.from(`token of ${name}`).toString('base64')]),
  );
  api.put(secretsPath, { metadata: { name: 'tokens' }, ...{ data } });
  const tokens = new ClassTokens(client, ['tokens'], context.logger, context.mask);
  const failures = [...sweeps.failures];
  const results: string[] = [];
  if (failures.length === 0) await tokens.refresh(signal);
  for (const allocation of tasks) {
    runnerApi.claims.push({ task: { token: 't', allocation, resourceClass: 'a/b' }, warning: '' });
  }
  const slots = new Slots(2);
  const controller = new Controller({
    context,
    tokens,
    slots,
    configuredClasses: () => ['a.b', 'no.token'],
    identity: { name: 'agent', hostname: 'host', ip: '192.0.2.1', version: '1' },
    onClaiming: () => undefined,
    onAnswer: () => undefined,
    sweep: async (onTask) => {
      const failure = failures.shift();
      if (failure !== undefined) throw failure;
      orphans.splice(0).forEach(onTask);
      return true;
    },
    sweepEveryMs: sweeps.everyMs,
    onSwept: (result) => results.push(result),
  });
  const draining = new AbortController();
  const ending = new AbortController();
  const start = () => controller.run(draining.signal, ending.signal);
  const failNextSweep = () => {
    failures.push(new NoAnswerError('no API server'));
  };
  return { ...task, controller, draining, ending, failNextSweep, results, slots, start };
}

/** Holds tasks up before their Pods are created. */
function holdPods() {
  const held = Promise.withResolvers<never>();
  const change: Partial<TaskContext> = { platformFor: () => held.promise };
  return { change, letFail: () => held.reject(new Error('no platform')) };
}

test('claims for each class with its own token', async () => {
  const { draining, runnerApi, start } = await startController(['a.b', 'c.d'], []);
  const done = start();
  await waitFor('the claims', () => runnerApi.claimTokens.length >= 2);
  draining.abort();
  await done;
  expect(runnerApi.claimTokens.slice(0, 2)).toEqual(['token of a.b', 'token of c.d']);
});

test('a controller that is to end before its first search is over does not begin to claim', async () => {
  const { draining, lines, runnerApi, start } = await startController(['a.b'], []);
  const done = start();
  draining.abort();
  await done;
  expect(runnerApi.claimTokens).toEqual([]);
  expect(lines.map(({ message }) => message)).not.toContain('claiming');
});

test('a class in the file without a token is a warning', async () => {
  const { draining, lines, start } = await startController(['a.b'], []);
  const done = start();
  draining.abort();
  await done;
  expect(lines.filter(({ level }) => level === 'warn')).toEqual([
    expect.objectContaining({
      message: expect.stringContaining('has no token'),
      fields: { 'resource.class': 'no.token' },
    }),
  ]);
});

test('a drain waits for the running tasks, and then their slots are free', async () => {
  const { change, letFail } = holdPods();
  const { controller, draining, lines, runnerApi, slots, start } = await startController(
    ['a.b'],
    ['one'],
    change,
  );
  const done = start();
  await waitFor('the task', () => controller.tasks === 1);
  draining.abort();
  let isOver = false;
  void done.then(() => {
    isOver = true;
  });
  await waitFor('the step', () => runnerApi.output.has(0));
  await waitFor('the line', () => lines.some(({ message }) => message.startsWith('no more claims')));
  expect(lines.find(({ message }) => message.startsWith('no more claims'))).toMatchObject({
    level: 'info',
    fields: { 'tasks.left': 1 },
  });
  expect(isOver).toBe(false);
  letFail();
  await done;
  expect(runnerApi.told).toEqual([expect.stringMatching(/^fail .*no platform/)]);
  expect(slots.free).toBe(2);
});

test('tasks that still run when the time for the drain is over continue without this program', async () => {
  const { draining, ending, left, lines, runnerApi, start } = await startController(['a.b'], ['one']);
  const done = start();
  await waitFor('the Pod', () => left().length === 3);
  draining.abort();
  ending.abort(new Error('the time is over'));
  await done;
  expect(runnerApi.told).toEqual([]);
  expect(left()).toHaveLength(3);
  expect(lines.filter(({ level }) => level === 'error')).toEqual([]);
});

test('a task without a Secret is named in the log when the time for the drain is over', async () => {
  const { api, draining, ending, lines, start } = await startController(['a.b'], ['one']);
  api.intercept = ({ method, path }, response) => {
    const isRefused = method === 'POST' && path === secretsPath;
    if (isRefused) sendStatus(response, 403, 'Forbidden', 'exceeded quota: q');
    return isRefused;
  };
  const done = start();
  await waitFor('the refusal', () => lines.some(({ message }) => /could not be created yet/.test(message)));
  draining.abort();
  ending.abort(new Error('the time is over'));
  await done;
  await waitFor('the line', () => lines.some(({ level }) => level === 'error'));
  expect(lines.filter(({ level }) => level === 'error')).toEqual([
    expect.objectContaining({
      message: 'this program ends, and perhaps nobody else knows of the task',
      fields: expect.objectContaining({ allocation: 'one', 'task.id': 'task-1' }),
    }),
  ]);
});

test.each([
  ['a claim', 'claim', [] as string[]],
  ['a report', 'fail', ['one']],
] as const)('%s that is never answered does not hold up the end', async (_title, call, tasks) => {
  const { draining, ending, runnerApi, start } = await startController(['a.b'], tasks);
  if (tasks.length > 0) runnerApi.configuration = 'none that can be used';
  const hanging = vi.spyOn(runnerApi, call).mockReturnValue(new Promise<never>(() => undefined));
  const done = start();
  await waitFor('the call', () => hanging.mock.calls.length === 1);
  draining.abort();
  await setImmediate();
  ending.abort(new Error('the time is over'));
  await done;
});

test('a task in the answer to a claim from before the drain is handed back', async () => {
  const { controller, draining, runnerApi, start } = await startController(['a.b'], []);
  const answer = Promise.withResolvers<Awaited<ReturnType<TaskContext['api']['claim']>>>();
  const claim = vi.spyOn(runnerApi, 'claim').mockReturnValue(answer.promise);
  const done = start();
  await waitFor('the claim', () => claim.mock.calls.length === 1);
  draining.abort();
  answer.resolve({ task: { token: 't', allocation: 'late', resourceClass: 'a/b' }, warning: '' });
  await done;
  expect(runnerApi.told).toEqual(['unclaim task-1']);
  expect(controller.tasks).toBe(0);
});

const record = { podName: 'ccita-1', taskId: '1', allocation: 'al', resourceClass: 'a/b', token: 't' };
const orphan: TakenOverTask = {
  record: { ...record, unsafeRetries: false },
  pod: undefined,
  ...{ hasRegistrySecret: false, maker: 'gone', locks: [], ageMs: 0 },
};

test('brings tasks that nobody watches to their end, beside its own, and they take slots', async () => {
  const { draining, runnerApi, slots, start } = await startController(['a.b'], [], {}, [orphan]);
  const done = start();
  await waitFor('the report', () => runnerApi.told.length > 0);
  draining.abort();
  await done;
  expect(runnerApi.told).toEqual(['unclaim 1']);
  expect(slots.free).toBe(2);
});

test('brings tasks that are found during a drain to their end, and logs the errors of the search', async () => {
  const { change, letFail } = holdPods();
  const orphans: TakenOverTask[] = [];
  const { controller, draining, failNextSweep, lines, runnerApi, start } = await startController(
    ['a.b'],
    ['one'],
    change,
    orphans,
  );
  const done = start();
  await waitFor('the task', () => controller.tasks === 1);
  draining.abort();
  failNextSweep();
  await waitFor('the error', () => lines.some(({ message }) => /cannot look for tasks/.test(message)));
  orphans.push(orphan);
  await waitFor('the report', () => runnerApi.told.length > 0);
  expect(runnerApi.told).toEqual(['unclaim 1']);
  letFail();
  await done;
});

const never = 5 * 3_600_000;
const noRight = new KubernetesError('cannot list pods', {
  status: 403,
  said: 'pods is forbidden: User "agent" cannot list resource "pods" in API group "" in the namespace "here"',
});

test.each([
  ['was away at the start', [new NoAnswerError('no API server'), new NoAnswerError('no API server')]],
  ['had just started, and did not know any Roles', [noRight, noRight]],
])('starts its work as soon as an API server that %s answers', async (_title, failures) => {
  const sweeps = { failures, everyMs: never };
  const { draining, runnerApi, start } = await startController(['a.b'], [], {}, [orphan], sweeps);
  const done = start();
  await waitFor('a claim', () => runnerApi.claimTokens.length > 0);
  await waitFor('the report', () => runnerApi.told.length > 0);
  draining.abort();
  await done;
  expect(runnerApi.claimTokens[0]).toBe('token of a.b');
});

test('claims although the API server refuses again and again to list tasks, and does not stop asking', async () => {
  const broken = new KubernetesError('the answer is malformed', { status: 422 });
  const failed = Array.from({ length: 4 }, () => 'failed');
  const sweeps = { failures: failed.map(() => broken), everyMs: never };
  const fakes = await startController(['a.b'], [], {}, [orphan], sweeps);
  const { draining, results, runnerApi, start } = fakes;
  const done = start();
  await waitFor('a claim', () => runnerApi.claimTokens.length > 0);
  expect(runnerApi.told).toEqual([]);
  await waitFor('the report', () => runnerApi.told.length > 0);
  draining.abort();
  await done;
  expect(runnerApi.told).toEqual(['unclaim 1']);
  expect(results).toEqual([...failed, 'complete']);
});
