import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { delay } from '../../../../internal/delay.ts';
import { etcd } from '../../../../internal/dev/cluster/components/etcd.ts';
import { kubeApiserver } from '../../../../internal/dev/cluster/components/kube-apiserver.ts';
import { names } from '../../../../internal/dev/testing/cluster/controller-manifest.ts';
import { fillEtcd } from '../../../../internal/dev/testing/cluster/fill-etcd.ts';
import { images } from '../../../../internal/dev/testing/cluster/images.ts';
import {
  killComponent,
  stallComponent,
  waitForNode,
} from '../../../../internal/dev/testing/cluster/outage.ts';
import { containerStatus } from '../../../../internal/dev/testing/cluster/pod.ts';
import { readProc, sendSignal } from '../../../../internal/dev/testing/proc.ts';
import { waitFor } from '../../../../internal/dev/testing/wait-for.ts';
import { apiServerOutageSeconds } from '../../../../internal/dev/variables.ts';
import { TestController } from '../controller.ts';
import { linux, smallClass } from '../install-controller.ts';
import { patience } from '../patience.ts';
import type { LogLine, SubmittedTask } from '../submitted-task.ts';
import { tell, untilTold } from '../until-told.ts';
import { done, failed, wasKilled } from './ends.ts';

const forEver = new AbortController().signal;
const outageMs = apiServerOutageSeconds * 1000;

let controller: TestController;
/** A controller that only looks for the tasks of others at its start. */
let restarted: TestController;
/** A controller that does not wait long for a node. */
let impatient: TestController;
beforeAll(async () => {
  const nowhereClass = {
    spec: { ...smallClass.spec, nodeSelector: { 'example.com/there-is': 'no-such-node' } },
  };
  [controller, restarted, impatient] = await Promise.all([
    TestController.start({ variables: { RUNNER_CREATE_TIMEOUT: '30m', KUBE_GC_INTERVAL: '2s' } }),
    TestController.start({ variables: { KUBE_GC_INTERVAL: '5h' } }),
    TestController.start({
      classes: { [linux]: nowhereClass },
      variables: { RUNNER_SCHEDULING_TIMEOUT: '40s' },
    }),
  ]);
});
afterAll(async () => {
  for (const each of [controller, restarted, impatient]) await each[Symbol.asyncDispose]();
});

describe('while the API server is away', () => {
  const script = 'mkdir -p /shared; until [ -e /shared/end ]; do n=$((n + 1)); echo $n; sleep 0.1; done';
  const command = ['sh', '-c', `${script}; echo last words; exec sleep 9999`];
  let tasks: ReturnType<typeof submitAll>;
  let unscheduled: SubmittedTask;
  let claimedMeanwhile: SubmittedTask;
  let waitingForTokens: SubmittedTask;
  let reportedMeanwhile: readonly string[];
  let liveMeanwhile: readonly number[];

  function submitAll() {
    return {
      running: controller.submit({ agent: untilTold }),
      ending: controller.submit({ agent: untilTold }),
      failing: controller.submit({ agent: [...untilTold, 'exit=3'] }),
      killed: controller.submit({ agent: untilTold }),
      reported: controller.submit({ agent: untilTold }),
      served: controller.submit({ agent: untilTold, services: [{ image: images.busybox, command }] }),
      ofRestarted: restarted.submit({ agent: untilTold }),
    };
  }

  beforeAll(async () => {
    tasks = submitAll();
    const begun = Object.values(tasks);
    for (const task of begun) await task.printed(/the agent runs/);
    // Later there is no API server to ask for their processes.
    const firstProcess = new Map<SubmittedTask, number>();
    for (const task of begun) firstProcess.set(task, await task.firstProcess());
    const pidOf = (task: SubmittedTask) => {
      const pid = firstProcess.get(task);
      if (pid === undefined) throw new Error(`${task.id} has no process`);
      return pid;
    };
    const servicePid = await tasks.served.firstProcess('container-1');
    const [[pod = {}], [restartedPod = {}]] = await Promise.all([controller.pods(), restarted.pods()]);
    unscheduled = impatient.submit();
    await unscheduled.told(/The Pod waits for a node/);

    // The answer to the report comes when the API server is gone.
    const report = Promise.withResolvers<void>();
    controller.api.answer('fail', [{ after: report.promise }], tasks.reported.id);
    sendSignal(pidOf(tasks.reported), 'SIGKILL');
    await waitFor('the report', () => tasks.reported.reports.length > 0, patience);
    const endMs = performance.now() + outageMs;
    await using _away = await killComponent(kubeApiserver);
    report.resolve();

    restarted.kill(restartedPod);
    const isLive = async (status: number) =>
      (await restarted.health(restartedPod, '/live')).status === status;
    await waitFor('the end of the controller', () => isLive(0), patience);
    for (const task of [tasks.ending, tasks.failing]) tell(pidOf(task));
    await tasks.failing.failed();
    for (const task of [tasks.killed, tasks.ofRestarted]) sendSignal(pidOf(task), 'SIGKILL');
    tell(servicePid);
    await waitFor('the last words', () => readProc(servicePid, 'cmdline').startsWith('sleep'), patience);
    tell(pidOf(tasks.served));
    claimedMeanwhile = controller.submit();
    await claimedMeanwhile.told(/does not create the task.s objects yet/);
    await waitFor('the restart of the controller', () => isLive(200), patience);
    waitingForTokens = restarted.submit();
    await delay(endMs - performance.now(), forEver);
    const { failing: _failing, reported: _reported, ...silent } = tasks;
    reportedMeanwhile = [...Object.values(silent), unscheduled].flatMap(({ reports }) => reports);
    liveMeanwhile = [(await controller.health(pod, '/live')).status];
    tell(pidOf(tasks.running));
  }, outageMs + 300_000);

  test('the controller is live, and reports nothing that it cannot know', () => {
    expect(liveMeanwhile).toEqual([200]);
    expect(reportedMeanwhile).toEqual([]);
  });

  test('tasks continue, and successful ones are not reported', async () => {
    for (const task of [tasks.running, tasks.ending, tasks.served])
      expect(await task.ended()).toMatchObject(done);
  });

  test('a job that fails is reported once, by its orchestrator', async () => {
    expect(await tasks.failing.ended()).toMatchObject(failed);
  });

  test('a task whose orchestrator is killed is reported once, when the controller can know it', async () => {
    expect(await tasks.killed.ended()).toMatchObject(wasKilled);
  });

  test('the objects of an already reported task are deleted later, and the task is not reported again', async () => {
    expect(await tasks.reported.ended()).toMatchObject(wasKilled);
  });

  test('a task without a node is handed back only when its Pod is gone', async () => {
    expect(await unscheduled.ended()).toMatchObject({
      calls: ['unclaim'],
      lifecycle: expect.stringMatching(/No node took the Pod within 40s/),
      work: { end: 'handed-back', 'app.to_retry': true },
    });
  });

  test('a claimed task gets its Pod when it can be created', async () => {
    expect(await claimedMeanwhile.ended()).toMatchObject(done);
    expect(claimedMeanwhile.pods).toHaveLength(1);
  });

  test('the output of a service waits, and is complete', () => {
    const lines = (tasks.served.step(97)?.output ?? '').trimEnd().split('\n');
    expect(lines).toEqual([...lines.slice(0, -1).map((_, n) => String(n + 1)), 'last words']);
  });

  test('a controller that starts meanwhile does its work as soon as the API server is back', async () => {
    expect(await tasks.ofRestarted.ended()).toMatchObject(wasKilled);
    expect(await waitingForTokens.ended()).toMatchObject(done);
  });
});

test('no task has two Pods or reports while etcd stalls, for seconds or longer than requests may take', async () => {
  const stalls = async () => {
    for (const ms of [3000, 33_000]) {
      await stallComponent(etcd, ms);
      await delay(1000, forEver);
    }
  };
  const stalling = stalls();
  const scripts = [['sleep=100'], ['sleep=100', 'exit=3'], ['sleep=5000'], ['sleep=5000', 'exit=3']];
  const tasks = [...scripts, ...scripts].map((agent) => controller.submit({ agent }));
  await stalling;
  await waitForNode('ready');
  for (const [index, task] of tasks.entries()) {
    expect(await task.ended()).toMatchObject(index % 2 === 0 ? done : failed);
    expect(task.pods).toHaveLength(1);
  }
});

test('while etcd has no space, tasks continue, and their ends are reported afterwards, each once', async () => {
  const untilEnd = () => controller.submit({ agent: untilTold });
  const [lasting, ending, killed, reported] = [untilEnd(), untilEnd(), untilEnd(), untilEnd()];
  for (const task of [lasting, ending, killed, reported]) await task.printed(/the agent runs/);
  const unscheduled = impatient.submit();
  await unscheduled.told(/The Pod waits for a node/);
  // The answer to the report comes when the Pod cannot be deleted.
  const report = Promise.withResolvers<void>();
  controller.api.answer('fail', [{ after: report.promise }], reported.id);
  await reported.killFirstProcess();
  await waitFor('the report', () => reported.reports.length > 0, patience);
  let claimed: SubmittedTask;
  {
    await using _full = await fillEtcd();
    report.resolve();
    await ending.touch('/shared/end');
    await killed.killFirstProcess();
    claimed = controller.submit();
    const isClear = ({ error }: LogLine) => /etcdserver: .*database space exceeded/.test(String(error));
    const said = (msg: string) => (line: LogLine) => line.msg === msg && isClear(line);
    await controller.logged('a refused Pod', said('the objects of a task could not be created yet'));
    for (const each of [controller, impatient])
      await each.logged('a refused deletion', said('what is left of a task could not be deleted'));
    const silent = [lasting, ending, killed, claimed, unscheduled];
    expect(silent.flatMap(({ reports }) => reports)).toEqual([]);
  }
  await lasting.touch('/shared/end');
  for (const task of [lasting, ending, claimed]) expect(await task.ended()).toMatchObject(done);
  for (const task of [killed, reported]) expect(await task.ended()).toMatchObject(wasKilled);
  expect(await unscheduled.ended()).toMatchObject({ calls: ['unclaim'], work: { end: 'handed-back' } });
  for (const task of [lasting, ending, claimed, killed, reported, unscheduled])
    expect(task.pods).toHaveLength(1);
});

test('the kubelet had no reason to start the controller again', async () => {
  const pods = await controller.pods();
  expect(pods.map((pod) => containerStatus(pod, names.controller)?.restartCount)).toEqual([0]);
});
