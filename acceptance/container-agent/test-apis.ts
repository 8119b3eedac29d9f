import type { StoredObject } from '../../internal/dev/kubernetes-api/object-store.ts';
import {
  type ControllerApis,
  collection,
  startControllerApis,
} from '../../internal/dev/testing/start-controller.ts';
import { untilTestEnds } from '../../internal/dev/testing/until-test-ends.ts';
import { waitFor } from '../../internal/dev/testing/wait-for.ts';

/** The APIs of one test, and what the test sees and does as a kubelet. */
interface TestApis extends ControllerApis {
  /** The only Pod, once it exists. */
  podOfTask(): Promise<StoredObject>;
  /** The objects that the controller has asked the API server to create, in order. */
  created(objects: 'pods' | 'secrets'): unknown[];
  /** Ends the Pod of the task like a kubelet when the orchestrator has ended with this status. */
  endPod(pod: StoredObject, exitCode: number): void;
}

/** Starts the APIs of one test. They end with it, like the controllers that are started for them. */
export async function startTestApis(): Promise<TestApis> {
  const apis = untilTestEnds(await startControllerApis());
  const { kubernetes } = apis;
  const pods = collection('pods');
  return {
    ...apis,
    start: async (more) => untilTestEnds(await apis.start(more)),
    podOfTask: () =>
      waitFor('the Pod of the task', () => kubernetes.get(pods, kubernetes.names(pods)[0] ?? '')),
    created: (objects) =>
      kubernetes.requests
        .filter(({ method, path }) => method === 'POST' && path === collection(objects))
        .map(({ body }) => body),
    endPod(pod, exitCode) {
      const terminated = { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error' };
      const containerStatuses = [{ name: 'container-0', ready: false, state: { terminated } }];
      const status = { phase: exitCode === 0 ? 'Succeeded' : 'Failed', containerStatuses };
      kubernetes.put(pods, { ...pod, ...{ status } });
    },
  };
}

/** Sends a request to the health checks and metrics. */
export async function ask(url: string, path: string) {
  const response = await fetch(`${url}${path}`);
  return { status: response.status, text: await response.text() };
}

export async function ready(url: string): Promise<void> {
  await waitFor('the controller to be ready', async () => (await ask(url, '/ready')).status === 200);
}
