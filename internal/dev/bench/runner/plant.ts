import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repository } from '../../../packer/repository.ts';
import { apiServerUrl } from '../../cluster/addresses.ts';
import { authorityCertificate } from '../../cluster/certificates.ts';
import { Administrator } from '../../fake-kubelet/administrator.ts';
import { FakeKubelet, schedulerName } from '../../fake-kubelet/fake-kubelet.ts';
import { FakeNodes } from '../../fake-kubelet/fake-nodes.ts';
import { goodStory, type Story } from '../../fake-kubelet/story.ts';
import { startFakeRunnerApi } from '../../runner-api/fake-runner-api.ts';
import { RecordedQueue } from '../../runner-api/queue/recorded-queue.ts';
import { ControllerProcess } from '../../testing/cluster/controller-process.ts';
import { setStage } from '../../testing/cluster/controller-stage.ts';
import { createNamespace } from '../../testing/cluster/namespace.ts';
import { createAuthority } from '../../testing/tls-fixtures.ts';
import { createOldEvents } from './old-events.ts';

const resourceClass = 'acme/linux';

/** The workload of one controller on the real API server. */
export interface PlantSize {
  /** How many tasks it has at a time. */
  readonly slots: number;
  /** The least time between two claims, ms. */
  readonly claimEveryMs: number;
  /** The story of the next Pod. */
  readonly nextStory: () => Story;
  /** How many events earlier tasks have left (default: none). */
  readonly oldEvents?: number;
}

/** A controller whose tasks are the fake kubelet's. */
export interface Plant extends AsyncDisposable {
  readonly queue: RecordedQueue;
  readonly kubelet: FakeKubelet;
  readonly controller: ControllerProcess;
  readonly administrator: Administrator;
  readonly namespace: string;
  submit(): void;
}

/** Sets everything up on a running cluster, and starts the controller. */
export async function setUpPlant({
  claimEveryMs,
  nextStory,
  oldEvents = 0,
  slots,
}: PlantSize): Promise<Plant> {
  await using unlessReady = new AsyncDisposableStack();
  const queue = new RecordedQueue({ [resourceClass]: 'token-of-the-class' });
  const answers = { claim: [{ delayMs: claimEveryMs }] };
  const served = { tasks: queue, answers, keepsRequests: false };
  const authority = await createAuthority();
  const api = unlessReady.use(await startFakeRunnerApi({ ...served, tls: await authority.issue() }));
  // For the fake kubelet, whose work is not measured.
  const plainApi = unlessReady.use(await startFakeRunnerApi(served));
  const { name: namespace } = unlessReady.use(await createNamespace({ purpose: 'bench' }));
  const stage = unlessReady.use(
    await setStage({
      ...{ namespace, apiServerUrl, certificateAuthority: authorityCertificate, runnerApiUrl: api.url },
      folder: join(repository, 'target', 'bench-runner'),
      classes: { [resourceClass]: { spec: { schedulerName, containers: [{}] } } },
      tokens: { [resourceClass]: 'token-of-the-class' },
    }),
  );
  const administrator = unlessReady.use(new Administrator());
  await createOldEvents(administrator, namespace, oldEvents);
  const nodes = unlessReady.use(await FakeNodes.register(administrator, namespace));
  const work = { administrator, nodes, namespace, runnerApiUrl: plainApi.url, storyOf: nextStory };
  const kubelet = unlessReady.use(new FakeKubelet(work));
  const SSL_CERT_FILE = join(stage.folder, 'runner-api.pem');
  await writeFile(SSL_CERT_FILE, authority.certificate);
  const settings = { MAX_CONCURRENT_TASKS: `${slots}`, SSL_CERT_FILE };
  const controller = new ControllerProcess('container-agent-0', stage, administrator, settings);
  await controller.createPod();
  unlessReady.defer(async () => await controller.program?.[Symbol.asyncDispose]());
  await controller.start();
  const resources = unlessReady.move();
  const configuration = { docker: [{ image: 'cimg/base:current' }] };
  return {
    ...{ queue, kubelet, controller, administrator, namespace },
    submit: () => void queue.submit({ resourceClass, configuration }),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** The story of an undisturbed job of this length. @param startsAfter the time until its containers run, ms */
export function jobStory(runs: number, startsAfter = 0): Story {
  return { ...goodStory(runs), init: { lasts: startsAfter, exitCode: 0 } };
}
