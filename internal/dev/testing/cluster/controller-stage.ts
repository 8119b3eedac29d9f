import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { callApiServer } from '../../cluster/api-server.ts';
import { kubectl } from '../../cluster/kubectl.ts';
import { dotted, removalOfRights } from './container-runner.ts';
import { controllerObjects, names } from './controller-manifest.ts';

/** The surroundings of controllers that run as processes of this machine. */
export interface StageContent {
  /** An existing namespace. */
  readonly namespace: string;
  /** The folder for their files. It is emptied first. */
  readonly folder: string;
  /** The classes' entries in the task Pod configuration, by the classes' full names. */
  readonly classes: Readonly<Record<string, unknown>>;
  /** The classes' tokens by the same names. */
  readonly tokens: Readonly<Record<string, string>>;
  /** The address that they use as the API server. */
  readonly apiServerUrl: string;
  readonly certificateAuthority?: string;
  readonly runnerApiUrl: string;
}

/** The stage for the controllers. Its end takes their rights on nodes away. */
export interface Stage extends AsyncDisposable {
  readonly namespace: string;
  readonly folder: string;
  /** A secret. */
  readonly accountToken: string;
  /** The variables that all of them share. */
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * Creates the objects of the example manifest, except the Deployment, and a kubeconfig with the rights of its service
 * account.
 */
export async function setStage(content: StageContent): Promise<Stage> {
  const { apiServerUrl, certificateAuthority, folder, namespace, runnerApiUrl } = content;
  const configuration = { resourceClasses: dotted(content.classes) };
  const objects = await controllerObjects({
    ...{ namespace, configuration, tokens: dotted(content.tokens) },
    ...{ image: 'none', variables: {}, replicas: 0 },
  });
  const items = objects.filter(({ kind }) => kind !== 'Deployment');
  const list = { apiVersion: 'v1', kind: 'List', items };
  await kubectl(['create', `--namespace=${namespace}`, '--filename=-'], JSON.stringify(list));
  const accountToken = await requestToken(namespace);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const [KUBECONFIG, KUBE_TASK_POD_CONFIG] = [join(folder, 'kubeconfig'), join(folder, 'taskpods')];
  const cluster = { server: apiServerUrl, 'certificate-authority': certificateAuthority };
  await writeFile(KUBECONFIG, kubeconfig(cluster, accountToken), { mode: 0o600 });
  await writeFile(KUBE_TASK_POD_CONFIG, JSON.stringify(configuration));
  const variables = {
    ...{ KUBECONFIG, KUBE_TASK_POD_CONFIG, KUBE_NAMESPACE: namespace, RUNNER_API: runnerApiUrl },
    KUBE_TOKEN_SECRETS: names.tokens,
    KUBE_LOGGING_IMAGE: 'none',
    KUBE_LOGGING_SECRET: `${names.collector}-token`,
    KUBE_AUTODETECT_PLATFORM: 'false',
    RUNNER_HEALTH_ADDR: '127.0.0.1:0',
  };
  return { namespace, folder, accountToken, variables, ...removalOfRights(items) };
}

/** Nobody renews the token, as a kubelet would in a Pod, so it is valid for longer than the longest run. */
const tokenSeconds = 24 * 60 * 60;

async function requestToken(namespace: string): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${names.controller}/token`;
  const spec = { expirationSeconds: tokenSeconds };
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec };
  const answer = JSON.parse(await callApiServer(path, { method: 'POST', body }));
  return answer.status.token;
}

function kubeconfig(cluster: object, token: string): string {
  return JSON.stringify({
    'current-context': 'here',
    contexts: [{ name: 'here', context: { cluster: 'here', user: 'here' } }],
    clusters: [{ name: 'here', cluster }],
    users: [{ name: 'here', user: { token } }],
  });
}
