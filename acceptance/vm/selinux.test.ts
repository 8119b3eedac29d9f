import { expect, test } from 'vitest';
import { agentOfRows, expectWorks } from '../orchestrator/node-outcomes.ts';
import { bootNode, expectRefusedOnNode } from './node.ts';

// A node on which SELinux is enforced, with Debian's policy and the types of internal/dev/vm/guest/node.cil.

const node = bootNode('selinux');

/** How often SELinux has denied something to processes of this type. */
async function denials(selinuxType: string, what: RegExp): Promise<number> {
  const lines = (await node.run('dmesg')).split('\n');
  return lines.filter((line) => line.includes(`:${selinuxType}:`) && what.test(line)).length;
}

test('SELinux is enforced', async () => {
  expect(await node.run('cat /sys/fs/selinux/enforce')).toBe('1');
});

test('an ordinary container works', { tags: ['quick'] }, async () => {
  const agent = ['print=/proc/self/attr/current', ...agentOfRows];
  const task = await node.runTask({ selinuxType: 'container_t', agent });
  expect(task.stdout).toContain('system_u:system_r:container_t:s0:c1,c2');
  expectWorks(task);
  expect(await denials('container_t', /tmpfs/)).toBe(0);
});

test.each(['written', 'opened', 'mapped', 'executed'])(
  'a container works if files in memory may not be %s',
  async (right) => {
    const selinuxType = `memfd_not_${right}_t`;
    expectWorks(await node.runTask({ selinuxType, agent: agentOfRows }));
    expect(await denials(selinuxType, /denied .* tcontext=\S*:container_tmpfs_t/)).toBeGreaterThan(0);
  },
);

test('it is refused in one line if there is no other place to execute files from', {
  tags: ['quick'],
}, async () => {
  const selinuxType = 'memfd_not_executed_t';
  const task = await node.runTask({ selinuxType, readOnlyVolume: true, agent: agentOfRows });
  expectRefusedOnNode(task, /look at the security modules of the node \(SELinux/);
});
