import { expect, test } from 'vitest';
import { delay } from '../../../../internal/delay.ts';
import { callApiServer } from '../../../../internal/dev/cluster/api-server.ts';
import { etcd } from '../../../../internal/dev/cluster/components/etcd.ts';
import { findProcess } from '../../../../internal/dev/cluster/processes.ts';
import { names } from '../../../../internal/dev/testing/cluster/controller-manifest.ts';
import { containerStatus } from '../../../../internal/dev/testing/cluster/pod.ts';
import { SmallDisk } from '../../../../internal/dev/testing/cluster/small-disk.ts';
import { sendSignal } from '../../../../internal/dev/testing/proc.ts';
import { TestController } from '../controller.ts';
import type { SubmittedTask } from '../submitted-task.ts';
import { tell, untilTold } from '../until-told.ts';
import { done, failed, wasKilled } from './ends.ts';

const outageMs = 60_000;
/** An etcd that has accepted nothing for so long will not do so later. */
const quietMs = 5000;
const forEver = new AbortController().signal;

test('while etcd crashes as its disk is full, tasks continue, and their ends are reported afterwards, each once', async () => {
  await using disk = await SmallDisk.mount({ folders: ['/var/lib/etcd'], component: etcd });
  await using controller = await TestController.start({
    variables: { RUNNER_CREATE_TIMEOUT: '30m', KUBE_GC_INTERVAL: '2s' },
  });
  const [lasting, ending, killed] = [1, 2, 3].map(() => controller.submit({ agent: untilTold })) as [
    SubmittedTask,
    SubmittedTask,
    SubmittedTask,
  ];
  const failing = controller.submit({ agent: [...untilTold, 'exit=3'] });
  const begun = [lasting, ending, killed, failing];
  for (const task of begun) await task.printed(/the agent runs/);
  // Later there is no API server to ask for their processes.
  const pids = new Map<SubmittedTask, number>();
  for (const task of begun) pids.set(task, await task.firstProcess());
  const pidOf = (task: SubmittedTask) => pids.get(task) ?? 0;
  const [pod = {}] = await controller.pods();
  let claimed: SubmittedTask;
  {
    await using _full = await disk.fill();
    await useUpEtcd(controller.namespace);
    const endMs = performance.now() + outageMs;
    for (const task of [ending, failing]) tell(pidOf(task));
    sendSignal(pidOf(killed), 'SIGKILL');
    claimed = controller.submit();
    await failing.failed();
    await claimed.told(/does not create the task.s objects yet/);
    await delay(endMs - performance.now(), forEver);
    expect([lasting, ending, killed, claimed].flatMap(({ reports }) => reports)).toEqual([]);
    expect((await controller.health(pod, '/live')).status).toBe(200);
  }
  tell(pidOf(lasting));
  for (const task of [lasting, ending, claimed]) expect(await task.ended()).toMatchObject(done);
  expect(await failing.ended()).toMatchObject(failed);
  expect(await killed.ended()).toMatchObject(wasKilled);
  for (const task of [...begun, claimed]) expect(task.pods).toHaveLength(1);
  const refusals = (await controller.log()).filter(
    ({ msg }) => msg === 'the objects of a task could not be created yet',
  );
  const cause = expect.stringMatching(/at the Kubernetes API: .*(etcd|no answer in time)/);
  expect(refusals).toContainEqual(expect.objectContaining({ error: cause }));
  const [same = {}] = await controller.pods();
  expect(containerStatus(same, names.controller)?.restartCount).toBe(0);
});

/**
 * Writes until etcd has ended, and accepts nothing more after its next start, either. It has allocated room on its disk
 * ahead, which lasts for some 80 MB.
 */
async function useUpEtcd(namespace: string): Promise<void> {
  const pid = findProcess(etcd.name);
  const body = { metadata: { generateName: 'filler-' }, data: { text: 'x'.repeat(1_000_000) } };
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  const write = async () => {
    await callApiServer(path, { method: 'POST', body });
    return performance.now();
  };
  let acceptedMs = performance.now();
  while (findProcess(etcd.name) === pid || performance.now() - acceptedMs < quietMs)
    acceptedMs = await write().catch(() => delay(100, forEver).then(() => acceptedMs));
}
