import { describe, expect, test } from 'vitest';
import type { PlannedBlow } from './controller-life.ts';
import { DeathStage } from './death-stage.ts';
import { blowsOf, expected, type Scenario, scenarios, stageFor } from './scenarios.ts';

const manyTasks = { tags: ['not-emulated/many-tasks' as const] };
const kills = ['SIGKILL before', 'SIGKILL after'] as const;

function each(requests: readonly string[], kinds: readonly PlannedBlow['kind'][]): PlannedBlow[] {
  return requests.flatMap((request) => kinds.map((kind) => ({ kind, request })));
}

describe.each(['that ends well', 'whose orchestrator is killed', 'that is handed back'] as const)(
  'one of two successors takes over a task %s, when its replica is gone at',
  manyTasks,
  (name) => {
    const scenario = scenarios[name];
    const stage = stageFor(scenario, 'replaced');
    test.each(blowsOf(scenario, kills))('$kind $request', async (blow) => {
      const [outcome, effects] = await (await stage()).strike(blow);
      expect(outcome, `after ${effects.join(', ')}`).toEqual(expected(scenario, blow, effects));
    });
  },
);

/** A controller's requests at its start, and when it finds a task. */
const start = ['list pods', 'list events', 'get secrets/tokens', 'list pods (2)', 'list secrets'];
const find = [...start, 'get secrets/TASK', 'get pods/TASK', 'step-start'];
/** Made a moment later, for what depends on the past of a Pod. A task that ends well by then needs none. */
const past = 'list events (2)';
const steps = ['step-output', 'step-end'];
const remove = ['delete secrets/TASK', 'delete pods/TASK'];

describe.each([
  {
    title: 'that runs',
    scenario: scenarios['that ends well'],
    first: { kind: 'SIGKILL after', request: 'create pods/TASK' },
    requests: [...find, ...steps, ...remove],
    end: scenarios['that ends well'].end,
  },
  {
    title: 'that fails',
    scenario: scenarios['whose orchestrator is killed'],
    first: { kind: 'SIGKILL after', request: 'create pods/TASK' },
    requests: [...find, past, ...steps, 'fail', ...remove],
    end: scenarios['whose orchestrator is killed'].end,
  },
  {
    title: 'without a Pod',
    scenario: scenarios['that ends well'],
    first: { kind: 'SIGKILL before', request: 'create pods/TASK' },
    requests: [
      ...find,
      past,
      ...steps,
      'get pods/TASK (2)',
      'unclaim',
      'get pods/TASK (3)',
      'delete secrets/TASK',
    ],
    end: scenarios['that is handed back'].end,
  },
] as const)('who finds a task $title', manyTasks, ({ end, first, requests, scenario }) => {
  const stage = stageFor(scenario, 'restarted');

  test('asks for no more than it needs', async () => {
    const made = new Set(await (await stage()).findTask(first));
    const needed: readonly string[] = requests;
    if (!needed.includes(past)) made.delete(past);
    expect([...made].sort()).toEqual([...requests].sort());
  });

  test.each(each(requests, kills))('may die, too: $kind $request', async (blow) => {
    const [outcome] = await (await stage()).strike(first, blow);
    expect(outcome).toEqual({ ...end, claims: 1, left: [], takeovers: expect.any(Number) });
  });
});

describe('another instance that finds a task', manyTasks, () => {
  const scenario = scenarios['whose orchestrator is killed'];
  const first = { kind: 'SIGKILL after', request: 'create pods/TASK' } as const;
  const requests = [
    ...['get pods/agent-2', 'get pods/agent-1', 'create secrets/LOCK', 'list pods (3)', 'get secrets/TASK'],
    ...['get pods/TASK', 'step-start', past, ...steps, 'fail', ...remove, 'delete secrets/LOCK'],
  ];

  test('locks it, and deletes the lock last', async () => {
    await using stage = await DeathStage.start(scenario, 'inherited');
    const made = await stage.findTask(first);
    expect([...new Set(made)].sort()).toEqual([...start, ...requests].sort());
    expect(made.at(-1)).toBe('delete secrets/LOCK');
  });

  test.each(each(requests, kills))('may die, and be replaced in its turn: $kind $request', async (blow) => {
    await using stage = await DeathStage.start(scenario, 'inherited');
    const [outcome] = await stage.strike(first, blow);
    expect(outcome).toEqual({ ...scenario.end, claims: 1, left: [], takeovers: expect.any(Number) });
    expect(await stage.misconduct()).toEqual([]);
  });
});

describe.each([
  'that ends well',
  'whose orchestrator is killed',
  'that is handed back',
  'for which there is no node',
  'whose configuration cannot be used',
  'whose Pod is refused',
  'whose Pod is refused while a quota is used up',
  'whose retries are used up',
  'with services and credentials for a registry',
  'with services whose images cannot be pulled',
  'that is cancelled',
  'with SSH',
  'with an SSH port that another task gets, too',
] as const)('SIGTERM does not harm a task %s at', manyTasks, (name) => {
  const scenario: Scenario = scenarios[name];
  const stage = stageFor(scenario, 'restarted');
  test.each(blowsOf(scenario, ['SIGTERM at']))('$request', async (blow) => {
    const [outcome, effects] = await (await stage()).strike(blow);
    expect(outcome, `after ${effects.join(', ')}`).toEqual(expected(scenario, blow, effects));
  });
});

describe.each([
  'that ends well',
  'whose orchestrator is killed',
  'that is handed back',
  'with services and credentials for a registry',
] as const)('nothing is told nor left of a task %s that is cancelled at', manyTasks, (name) => {
  const scenario: Scenario = scenarios[name];
  const once = ['claim', 'list nodes'];
  const after = scenario.requests.filter((request) => !once.includes(request));
  test.each(each(after, ['cancelled at']))('$request', async (blow) => {
    // The controller survives this. If several of its tasks have failed to begin, their class rests.
    await using stage = await DeathStage.start(scenario, 'restarted');
    const [outcome] = await stage.strike(blow);
    // The task may be over before.
    const end =
      outcome.reports.length > 0 ? scenario.end : { state: 'cancelled', runs: outcome.runs, reports: [] };
    expect(outcome).toEqual({ ...end, claims: 1, left: [], takeovers: 0 });
    expect(await stage.misconduct()).toEqual([]);
  });
});
