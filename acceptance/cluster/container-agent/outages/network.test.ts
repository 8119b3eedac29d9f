import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addresses } from '../../../../internal/dev/cluster/addresses.ts';
import {
  type Admission,
  startAdmissionWebhook,
} from '../../../../internal/dev/testing/cluster/admission-webhook.ts';
import { labelNode } from '../../../../internal/dev/testing/cluster/label-node.ts';
import { waitFor } from '../../../../internal/dev/testing/wait-for.ts';
import { TestController } from '../controller.ts';
import { linux, smallClass } from '../install-controller.ts';
import { patience } from '../patience.ts';
import type { SubmittedTask } from '../submitted-task.ts';
import { done, failed, wasKilled } from './ends.ts';
import {
  type BegunTasks,
  beginTasks,
  errorsOf,
  type Interim,
  outageMs,
  withoutPackets,
} from './network-outage.ts';

/*
 * Packets between a controller and one of its peers vanish, so nobody gets an error: connections fall silent. Both
 * outages take place at the same time, each of a controller of its own. The tests themselves reach everything.
 */

const end = (task: SubmittedTask) => task.touch('/shared/end');

const newLabel = () => `network.test/${randomBytes(4).toString('hex')}`;
const onNodesWith = (label: string) => ({ spec: { ...smallClass.spec, nodeSelector: { [label]: 'yes' } } });
/** The class of Pods that no node takes. */
const nowhere = 'acme/nowhere';
/** A Pod that waits for a node is given up during the outage. */
const variables = { RUNNER_SCHEDULING_TIMEOUT: '25s', KUBE_GC_INTERVAL: '5s' };

describe.concurrent('without packets from the API server', () => {
  const [held, placed] = ['acme/held', 'acme/placed'];
  const admitted = Promise.withResolvers<Admission>();
  let controller: TestController;
  let webhook: AsyncDisposable;
  let begun: BegunTasks;
  let waiting: ReturnType<typeof submitWaiting>;
  let claimed: SubmittedTask;
  let queued: SubmittedTask;
  let interim: Interim;

  const submitWaiting = () => ({
    held: controller.submit({ resourceClass: held }),
    placed: controller.submit({ resourceClass: placed }),
    nowhere: controller.submit({ resourceClass: nowhere }),
  });

  beforeAll(async () => {
    const label = newLabel();
    const classes = {
      ...{ [linux]: smallClass, [held]: smallClass },
      ...{ [placed]: onNodesWith(label), [nowhere]: onNodesWith(newLabel()) },
    };
    controller = await TestController.start({ classes, variables });
    const asked = Promise.withResolvers<void>();
    webhook = await startAdmissionWebhook({
      namespace: controller.namespace,
      timeoutSeconds: 30,
      judge: async ({ metadata }) => {
        if (metadata?.annotations?.['app.circleci.com/resource-class'] !== held) return { patch: [] };
        asked.resolve();
        return await admitted.promise;
      },
    });
    begun = await beginTasks(controller);
    waiting = submitWaiting();
    for (const task of [waiting.placed, waiting.nowhere]) await task.told(/The Pod waits for a node/);
    await asked.promise;
    // The answer to the report comes when there is no API server to delete anything.
    const report = Promise.withResolvers<void>();
    controller.api.answer('fail', [{ after: report.promise }], begun.reported.id);
    await begun.reported.killFirstProcess();
    await waitFor('the report', () => begun.reported.reports.length > 0, patience);

    const peer = { address: addresses.kubernetesService, port: 443 };
    interim = await withoutPackets(peer, controller, async () => {
      report.resolve();
      admitted.resolve({ patch: [] });
      await using _label = await labelNode(label);
      for (const task of [begun.ending, begun.failing]) await end(task);
      await begun.failing.failed();
      await begun.killed.killFirstProcess();
      claimed = controller.submit();
      await waiting.placed.podWith('its end', ({ status }) => status?.phase === 'Succeeded');
      await claimed.told(/does not create the task.s objects yet/);
      queued = controller.submit();
      return [begun.lasting, begun.ending, begun.killed, ...Object.values(waiting), claimed];
    });
    await end(begun.lasting);
  }, outageMs + 300_000);
  afterAll(async () => {
    admitted.resolve({ patch: [] });
    await webhook[Symbol.asyncDispose]();
    await controller[Symbol.asyncDispose]();
  });

  test('the controller is live, reports nothing that it cannot know, and says what is wrong', () => {
    expect(interim).toMatchObject({ live: 200, restarts: 0, reports: [] });
    expect(errorsOf('the pods cannot be watched', interim)).toContainEqual(
      expect.stringMatching(/^cannot watch \S+ at the Kubernetes API: .*[Tt]ime/),
    );
    expect(errorsOf('the objects of a task could not be created yet', interim)).toContainEqual(
      expect.stringMatching(/^cannot create \S+ at the Kubernetes API: .*[Tt]ime/),
    );
  });

  test('tasks continue, and successful ones are not reported', async () => {
    for (const task of [begun.lasting, begun.ending]) expect(await task.ended()).toMatchObject(done);
  });

  test('a job that fails is reported once, by its orchestrator', async () => {
    expect(await begun.failing.ended()).toMatchObject(failed);
  });

  test('a task whose orchestrator is killed is reported once', async () => {
    expect(await begun.killed.ended()).toMatchObject(wasKilled);
  });

  test('the objects of an already reported task are deleted later, and the task is not reported again', async () => {
    expect(await begun.reported.ended()).toMatchObject(wasKilled);
  });

  test('a task whose Pod exists although the answer to its creation was lost runs once', async () => {
    expect(await waiting.held.ended()).toMatchObject(done);
    expect(waiting.held.pods).toHaveLength(1);
  });

  test('a task whose Pod gets its node unnoticed, when its time is up, is not handed back', async () => {
    expect(await waiting.placed.ended()).toMatchObject(done);
    expect(waiting.placed.pods).toHaveLength(1);
  });

  test('a task without a node is handed back once', async () => {
    expect(await waiting.nowhere.ended()).toMatchObject({
      calls: ['unclaim'],
      work: { end: 'handed-back', reason: 'unschedulable' },
    });
  });

  test('a task that was claimed, and one that was not, run when Pods can be created', async () => {
    for (const task of [claimed, queued]) {
      expect(await task.ended()).toMatchObject(done);
      expect(task.pods).toHaveLength(1);
    }
  });
});

describe.concurrent('without packets from the runner API', () => {
  const [placed, returning] = ['acme/placed', 'acme/returning'];
  const [placedLabel, returningLabel] = [newLabel(), newLabel()];
  const labelled = new AsyncDisposableStack();
  let controller: TestController;
  let begun: BegunTasks;
  let waiting: ReturnType<typeof submitWaiting>;
  let claimed: SubmittedTask;
  let queued: SubmittedTask;
  let interim: Interim;
  const outage = Promise.withResolvers<void>();

  const submitWaiting = () => ({
    placed: controller.submit({ resourceClass: placed }),
    nowhere: controller.submit({ resourceClass: nowhere }),
    returning: controller.submit({ resourceClass: returning, comesAgain: true }),
  });

  beforeAll(async () => {
    const classes = {
      ...{ [linux]: smallClass, [nowhere]: onNodesWith(newLabel()) },
      ...{ [placed]: onNodesWith(placedLabel), [returning]: onNodesWith(returningLabel) },
    };
    controller = await TestController.start({ classes, variables });
    begun = await beginTasks(controller);
    waiting = submitWaiting();
    for (const task of Object.values(waiting)) await task.told(/The Pod waits for a node/);
    // Both answers are lost.
    const late = [{ after: outage.promise }];
    claimed = controller.submit();
    controller.api.answer('task-configuration', late, claimed.id);
    controller.api.answer('fail', late, begun.reported.id);
    await begun.reported.killFirstProcess();
    const areAsked = () => claimed.requests.length > 0 && begun.reported.reports.length > 0;
    await waitFor('the requests', areAsked, patience);

    const peer = { address: addresses.machine, port: controller.api.port };
    interim = await withoutPackets(peer, controller, async () => {
      outage.resolve();
      labelled.use(await labelNode(placedLabel));
      for (const task of [begun.ending, begun.failing]) await end(task);
      await begun.failing.failed();
      await begun.killed.killFirstProcess();
      queued = controller.submit();
      for (const { id } of [begun.ending, begun.failing, waiting.placed])
        await waitFor('its clean-up', () => controller.sightings.left(id).length === 0, patience);
      return [begun.lasting, begun.ending, begun.killed, ...Object.values(waiting), claimed];
    });
    labelled.use(await labelNode(returningLabel));
    await end(begun.lasting);
  }, outageMs + 300_000);
  afterAll(async () => {
    await controller[Symbol.asyncDispose]();
    await labelled.disposeAsync();
  });

  test('the controller is live, and says what is wrong', () => {
    expect(interim).toMatchObject({ live: 200, restarts: 0, reports: [] });
    expect(errorsOf('a claim failed', interim)).toContainEqual(
      expect.stringMatching(/^cannot claim a task from the runner API: .*no connection within .*network/),
    );
  });

  test('tasks continue, and their objects are deleted meanwhile', async () => {
    for (const task of [begun.lasting, begun.ending]) expect(await task.ended()).toMatchObject(done);
    expect(await begun.failing.ended()).toMatchObject(failed);
  });

  test('a task whose orchestrator is killed is reported once', async () => {
    expect(await begun.killed.ended()).toMatchObject(wasKilled);
  });

  test('a report whose answer was lost has its effect once', async () => {
    await begun.reported.ended();
    expect(begun.reported.view).toMatchObject({ state: 'failed', message: wasKilled.message });
    expect(begun.reported.view.claims).toHaveLength(1);
    expect(begun.reported.pods).toHaveLength(1);
  });

  test('a task that waits for a node runs as soon as there is one', async () => {
    expect(await waiting.placed.ended()).toMatchObject(done);
  });

  test('a task without a node is handed back once, and runs where there is one', async () => {
    const handedBack = { calls: ['unclaim'], work: { end: 'handed-back', reason: 'unschedulable' } };
    expect(await waiting.nowhere.ended()).toMatchObject(handedBack);
    expect(await waiting.returning.ended(2)).toMatchObject({ calls: ['unclaim'], work: { end: 'done' } });
  });

  test('a task that was claimed, and one that was not, run when the runner API is back', async () => {
    for (const task of [claimed, queued]) {
      expect(await task.ended()).toMatchObject(done);
      expect(task.view.claims).toHaveLength(1);
      expect(task.pods).toHaveLength(1);
    }
  });
});
