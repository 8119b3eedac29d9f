import { expect, test } from 'vitest';
import { agentOfRows, expectHandedBack, expectWorks } from '../orchestrator/node-outcomes.ts';
import { bootNode, expectRefusedOnNode } from './node.ts';

// A node on which AppArmor is enforced, with the profiles of internal/dev/vm/guest/node-profiles.

const node = bootNode('apparmor');

test('a container with a profile like those of engines works', { tags: ['quick'] }, async () => {
  const agent = ['print=/proc/self/attr/current', ...agentOfRows];
  const task = await node.runTask({ apparmorProfile: 'node_container', agent });
  expect(task.stdout).toContain('node_container (enforce)');
  expectWorks(task);
  expect(await node.run('dmesg')).not.toMatch(/apparmor="DENIED".*profile="node_container"/);
});

test('it is refused in one line if the orchestrator may not be read', async () => {
  const task = await node.runTask({ apparmorProfile: 'node_not_read', agent: agentOfRows });
  expectRefusedOnNode(task, /cannot read .*permission denied/);
});

test('the task is handed back if the agent may not be executed', async () => {
  const task = await node.runTask({ apparmorProfile: 'node_not_executed', agent: agentOfRows });
  expectHandedBack(task, /circleci-agent may not be executed/);
});
