import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { expect, test } from 'vitest';
import { containerd } from '../../../../internal/dev/cluster/components/containerd.ts';
import { kubeletWith } from '../../../../internal/dev/cluster/components/kubelet.ts';
import { images } from '../../../../internal/dev/testing/cluster/images.ts';
import { type DiskUse, SmallDisk } from '../../../../internal/dev/testing/cluster/small-disk.ts';
import { sendSignal } from '../../../../internal/dev/testing/proc.ts';
import { waitFor } from '../../../../internal/dev/testing/wait-for.ts';
import { TestController } from '../controller.ts';
import { type ControllerDeployment, linux, smallClass } from '../install-controller.ts';
import { patience } from '../patience.ts';
import type { SubmittedTask } from '../submitted-task.ts';
import { untilTold } from '../until-told.ts';
import { done, failed, wasKilled } from './ends.ts';

/* A disk of the node is full to the last byte. In the first two tests, the kubelet does not evict Pods. */

const init = 'container-agent-init';
const variables = { RUNNER_START_TIMEOUT: '30s', KUBE_GC_INTERVAL: '5s' };
const disksOfPods = ['/var/lib/kubelet', '/var/log/pods'];
/** The root file systems of containers. */
const snapshots = '/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots';
const withoutEviction = kubeletWith({ evictionHard: { 'memory.available': '20Mi' } });

/** A class whose containers have /shared on the disk of the kubelet, not on that of the container runtime. */
const withSharedVolume = {
  spec: {
    containers: smallClass.spec.containers.map((container) => ({
      ...container,
      volumeMounts: [{ name: 'shared', mountPath: '/shared' }],
    })),
    volumes: [{ name: 'shared', emptyDir: {} }],
  },
};

/** A service whose log fills more than the room that it had. */
const talkative = {
  image: images.busybox,
  command: ['sh', '-c', 'while :; do seq 1000; sleep 1; done'],
};

/** The end of a task that was handed back, with these words. */
const handedBack = (words: RegExp) => ({
  calls: ['unclaim'],
  lifecycle: expect.stringMatching(words),
  work: { end: 'handed-back', 'app.to_retry': true },
});

/** Holds a task's init container where it is. @returns lets it go on */
async function holdInit(task: SubmittedTask): Promise<() => void> {
  const pid = await task.firstProcess(init);
  sendSignal(pid, 'SIGSTOP');
  return () => sendSignal(pid, 'SIGCONT');
}

/** Waits until the controller has given up a task: the deletion of its Pod comes first, and may be over soon. */
async function givenUp(task: SubmittedTask): Promise<void> {
  const isDeleted = () => task.pods.some(({ metadata }) => metadata?.deletionTimestamp !== undefined);
  await waitFor(`the end of ${task.id}`, () => isDeleted() || task.reports.length > 0, patience);
}

/** Whether a Pod was evicted. A controller that ends at once, with 0, does not always have that as its reason. */
function isDisrupted({ status }: Pod): boolean {
  return (
    status?.conditions?.some(({ type, status }) => type === 'DisruptionTarget' && status === 'True') ?? false
  );
}

/** Tasks at every stage of a start, on a node with a disk of its own that has room yet. */
type Stage = Awaited<ReturnType<typeof setStage>>;

async function setStage(use: DiskUse, deployment: ControllerDeployment = {}) {
  await using unlessReady = new AsyncDisposableStack();
  const disk = unlessReady.use(await SmallDisk.mount(use));
  const controller = unlessReady.use(await TestController.start({ variables, ...deployment }));
  const running = {
    lasting: controller.submit({ agent: untilTold }),
    ending: controller.submit({ agent: untilTold }),
    failing: controller.submit({ agent: [...untilTold, 'exit=3'] }),
    killed: controller.submit({ agent: untilTold }),
    served: controller.submit({ agent: untilTold, services: [talkative] }),
  };
  for (const task of Object.values(running)) await task.printed(/the agent runs/);
  const copying = controller.submit();
  const goOn = await holdInit(copying);
  const ready = unlessReady.move();
  return {
    ...{ disk, controller, running, copying, goOn },
    [Symbol.asyncDispose]: () => ready.disposeAsync(),
  };
}

/** Ends those that last, and checks that each task has ended as it has to. */
async function expectEnds({ running }: Stage): Promise<void> {
  const { lasting, ending, failing, killed, served } = running;
  for (const task of [lasting, served]) await task.touch('/shared/end');
  for (const task of [lasting, ending, served]) expect(await task.ended()).toMatchObject(done);
  expect(await failing.ended()).toMatchObject(failed);
  expect(await killed.ended()).toMatchObject(wasKilled);
  for (const task of Object.values(running)) expect(task.pods).toHaveLength(1);
}

test('while the disk with volumes and logs is full, tasks go on, and those that cannot start are handed back', async () => {
  await using stage = await setStage({ folders: disksOfPods, component: withoutEviction });
  const { controller, running, copying } = stage;
  let late: SubmittedTask;
  {
    await using _full = await stage.disk.fill();
    stage.goOn();
    late = controller.submit();
    for (const task of [running.ending, running.failing]) await task.touch('/shared/end');
    await running.killed.killFirstProcess();
    await running.failing.failed();
    await waitFor('the report', () => running.killed.reports.length > 0, patience);
    for (const task of [copying, late]) await givenUp(task);
  }
  // Its log is on the same disk. There is room for its words only if they come before others take what it has freed.
  const copyFailed =
    /init container .* failed: exit status 1\. (.*no space left on device \(ENOSPC\)|It left no words, as when the disk)/;
  expect(await copying.ended()).toMatchObject(handedBack(copyFailed));
  expect(await late.ended()).toMatchObject(handedBack(/ said: .*no space left on device/));
  await expectEnds(stage);
});

test('while the disk with the root file systems of containers is full, tasks go on, and those that cannot start are handed back', async () => {
  await using stage = await setStage(
    { folders: [snapshots], component: containerd },
    { classes: { [linux]: withSharedVolume } },
  );
  const { controller, running, copying } = stage;
  let late: SubmittedTask;
  {
    await using _full = await stage.disk.fill();
    stage.goOn();
    late = controller.submit();
    for (const task of [copying, late]) await givenUp(task);
    for (const task of [running.ending, running.failing]) await task.touch('/shared/end');
    await running.killed.killFirstProcess();
    await running.failing.failed();
  }
  // There may be room to make the container, and none to start it.
  const notMade = /could not be started for 30s\. The kubelet said: .*no space left/;
  const notStarted = /did not start\. The runtime said: .*no space left/;
  const primaryFailed = new RegExp(`primary container .* (${notMade.source}|${notStarted.source})`, 'i');
  expect(await copying.ended()).toMatchObject(handedBack(primaryFailed));
  expect(await late.ended()).toMatchObject(handedBack(/ said: .*no space left on device/));
  await expectEnds(stage);
});

test('when the kubelet evicts all Pods as its disk is full, tasks are reported, and a new controller goes on', async () => {
  const component = kubeletWith({ evictionPressureTransitionPeriod: '5s' });
  await using disk = await SmallDisk.mount({ folders: disksOfPods, component });
  await using controller = await TestController.start({ variables });
  const evicted = controller.submit({ agent: untilTold });
  await evicted.printed(/the agent runs/);
  {
    await using _full = await disk.fill();
    await evicted.failed();
    const isEvicted = async () => (await controller.pods()).some(isDisrupted);
    await waitFor('the eviction of the controller', isEvicted, patience);
  }
  expect(await controller.submit().ended()).toMatchObject(done);
  const left = () => controller.sightings.left(evicted.id);
  await waitFor('the end of all that belongs to the evicted task', () => left().length === 0, patience);
  // By the orchestrator, if the kubelet has given it the time, or by the controller.
  expect(evicted.view.message).toMatch(/the Pod was evicted/i);
  expect(evicted.pods).toHaveLength(1);
});
