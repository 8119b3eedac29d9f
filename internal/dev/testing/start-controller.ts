import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeKubernetesApi } from '../kubernetes-api/fake-kubernetes-api.ts';
import { type FakeBehaviour, type FakeRunnerApi, startFakeRunnerApi } from '../runner-api/fake-runner-api.ts';
import { TaskQueue } from '../runner-api/queue/task-queue.ts';
import type { TaskView } from '../runner-api/queue/task-view.ts';
import { containerAgent } from './executable.ts';
import type { RunningProgram } from './running-program.ts';
import { type Surroundings, startProgram } from './start-program.ts';

/** The names of the objects of a controller for these APIs. */
export const names = {
  namespace: 'runner',
  instance: 'container-agent-5d4f',
  resourceClass: 'my-namespace/my-class',
} as const;

/** Secrets of the controller. */
export const tokens = {
  ofClass: 'token-of-the-class',
  ofServiceAccount: 'token-of-the-service-account',
} as const;

/** The place of the namespace's objects, such as `pods`, in {@link FakeKubernetesApi}. */
export function collection(objects: 'pods' | 'secrets'): string {
  return `/api/v1/namespaces/${names.namespace}/${objects}`;
}

/** The two APIs that a controller talks to, both of them in this process. */
export interface ControllerApis extends AsyncDisposable {
  readonly kubernetes: FakeKubernetesApi;
  readonly kubernetesUrl: string;
  readonly runnerApi: FakeRunnerApi;
  /** Queues a task of the resource class. @param configuration the task's configuration from the runner API */
  submit(configuration: Readonly<Record<string, unknown>>): TaskView;
  /** The controller's tokens for both APIs. */
  readonly tokens: typeof tokens;
  /** The variables of a controller for these APIs. */
  readonly variables: Readonly<Record<string, string>>;
  /** The variables of another controller, whose requests to the Kubernetes API have this token. */
  variablesWith(token: string): Promise<Readonly<Record<string, string>>>;
  /** Starts a controller for these APIs, with more variables. */
  start(more?: Readonly<Record<string, string>>): Promise<RunningProgram>;
}

/** Starts a Kubernetes API that has the token of a resource class, and a runner API that knows this token. */
export async function startControllerApis({
  tasks = new TaskQueue({ [names.resourceClass]: tokens.ofClass }),
  ...behaviour
}: Omit<FakeBehaviour, 'host' | 'port' | 'tls'> = {}): Promise<ControllerApis> {
  const kubernetes = new FakeKubernetesApi();
  const server = await kubernetes.start();
  const runnerApi = await startFakeRunnerApi({ ...behaviour, tasks });
  const folder = await mkdtempDisposable(join(tmpdir(), 'controller-'));
  const dottedName = names.resourceClass.replace('/', '.');
  const data = { [dottedName]: Buffer.from(tokens.ofClass).toString('base64') };
  kubernetes.put(collection('secrets'), { metadata: { name: 'tokens' }, ...{ data } });
  const KUBE_TASK_POD_CONFIG = join(folder.path, 'taskpods');
  await writeFile(KUBE_TASK_POD_CONFIG, `resourceClasses: {${dottedName}: null}\n`);
  const variablesWith = async (token: string) => {
    const KUBECONFIG = join(folder.path, `kubeconfig-${token}`);
    await writeFile(KUBECONFIG, kubeconfig(server, token));
    return {
      KUBECONFIG,
      KUBE_TASK_POD_CONFIG,
      KUBE_TOKEN_SECRETS: 'tokens',
      KUBE_NAMESPACE: names.namespace,
      KUBE_CONTAINER_AGENT_INSTANCE: names.instance,
      RUNNER_API: runnerApi.url,
    };
  };
  const variables = await variablesWith(tokens.ofServiceAccount);
  return {
    kubernetes,
    kubernetesUrl: server,
    runnerApi,
    submit: (configuration) => tasks.submit({ resourceClass: names.resourceClass, configuration }),
    tokens,
    variables,
    variablesWith,
    start: (more) => startController({ ...variables, ...more }),
    async [Symbol.asyncDispose]() {
      await Promise.all([kubernetes.close(), runnerApi.close(), folder.remove()]);
    },
  };
}

function kubeconfig(server: string, token: string): string {
  return JSON.stringify({
    'current-context': 'test',
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    clusters: [{ name: 'test', cluster: { server } }],
    users: [{ name: 'test', user: { token } }],
  });
}

/**
 * Starts the controller with these variables. Its health checks have their own port, and it believes the first 404 of
 * the runner API.
 */
export function startController(
  variables: Readonly<Record<string, string>>,
  surroundings: Omit<Surroundings, 'env'> = {},
): Promise<RunningProgram> {
  const env = { RUNNER_HEALTH_ADDR: '127.0.0.1:0', RUNNER_CANCELLATION_GRACE: '0s', ...variables };
  return startProgram([containerAgent], { ...surroundings, env });
}

/** The URL of its health checks and metrics, once it logs it. */
export async function controllerUrl(run: RunningProgram): Promise<string> {
  const [, address] = await run.printed(/"address":"([^"]+)","msg":"health checks and metrics/);
  return `http://${address}`;
}
