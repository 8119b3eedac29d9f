import { callApiServer } from '../../../internal/dev/cluster/api-server.ts';
import { kubectl } from '../../../internal/dev/cluster/kubectl.ts';
import { images } from '../../../internal/dev/testing/cluster/images.ts';
import type { NamespaceContract } from '../../../internal/dev/testing/cluster/namespace.ts';
import { type ControllerContent, controllerObjects } from './controller-manifest.ts';

/** The resource class of tests that need only one. */
export const linux = 'acme/linux';

/** Little of everything, and no patience with a task that is to end. */
export const smallClass = {
  spec: {
    containers: [
      {
        env: [{ name: 'CIRCLECI_GOAT_TERMINATION_GRACE_PERIOD', value: '1s' }],
        resources: { requests: { cpu: '10m', memory: '32Mi' }, limits: { memory: '256Mi' } },
      },
    ],
  },
};

/** A Deployment of the controller, as far as tests differ. */
export interface ControllerDeployment extends NamespaceContract {
  /** What the task Pod configuration says of each class, by the classes' true names. */
  readonly classes?: Readonly<Record<string, unknown>>;
  /** Further fields of the task Pod configuration. */
  readonly configuration?: Readonly<Record<string, unknown>>;
  /** Variables that are added to those of the manifest, or replace them. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly replicas?: number;
  /** Objects that are in the namespace before the controller, such as a quota. */
  readonly objects?: readonly object[];
}

/** The task Pod configuration, which has dots in place of the slashes of classes. */
export function configurationOf({
  classes = { [linux]: smallClass },
  configuration = {},
}: ControllerDeployment) {
  return { resourceClasses: dotted(classes), ...configuration };
}

/** Names of classes as the keys of files and Secrets have them. */
export function dotted<T>(byName: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(
    Object.entries(byName).map(([name, value]) => [name.replaceAll('/', '.'), value]),
  );
}

/**
 * Installs the controller from the manifest.
 *
 * @returns what removes those of its objects that are in no namespace
 */
export async function installController(
  deployment: ControllerDeployment,
  place: Pick<ControllerContent, 'namespace' | 'tokens'> & { readonly runnerApi: string },
): Promise<AsyncDisposable> {
  const { namespace, runnerApi, tokens } = place;
  const installed = await controllerObjects({
    namespace,
    tokens: dotted(tokens),
    configuration: configurationOf(deployment),
    variables: {
      RUNNER_API: runnerApi,
      KUBE_RUNNER_INIT_IMAGE: images.runnerInit,
      KUBE_LOGGING_IMAGE: images.containerAgent,
      O11Y_LEVEL: 'debug',
      ...deployment.variables,
    },
    replicas: deployment.replicas ?? 1,
  });
  const items = [...(deployment.objects ?? []), ...installed];
  const list = { apiVersion: 'v1', kind: 'List', items };
  await kubectl(['create', `--namespace=${namespace}`, '--filename=-'], JSON.stringify(list));
  const ofCluster = installed.filter(({ kind }) => kind.startsWith('Cluster'));
  return {
    async [Symbol.asyncDispose]() {
      for (const { kind, metadata } of ofCluster) {
        const path = `/apis/rbac.authorization.k8s.io/v1/${kind.toLowerCase()}s/${metadata.name}`;
        await callApiServer(path, { method: 'DELETE' });
      }
    },
  };
}
