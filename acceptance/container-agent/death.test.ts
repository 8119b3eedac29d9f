import { describe, expect, test } from 'vitest';
import type { PlannedBlow } from './controller-life.ts';
import { blowsOf, expected, type Scenario, scenarios, stageFor } from './scenarios.ts';

/* The controller is killed before and after each request that a task takes, and started again. */

describe.each<[string, Scenario]>(Object.entries(scenarios))(
  'a task %s',
  { tags: ['not-emulated/many-tasks'] },
  (_title, scenario) => {
    const stage = stageFor(scenario, 'restarted');

    test(`takes ${scenario.requests.length} requests`, async () => {
      const made = new Set(await (await stage()).run());
      expect([...made].sort()).toEqual([...scenario.requests].sort());
    });

    test.each<PlannedBlow>(blowsOf(scenario, ['SIGKILL before', 'SIGKILL after']))(
      '$kind $request',
      async (blow) => {
        const [outcome, effects] = await (await stage()).strike(blow);
        expect(outcome, `after ${effects.join(', ')}`).toEqual(expected(scenario, blow, effects));
      },
    );
  },
);
