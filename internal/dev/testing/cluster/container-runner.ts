import { callApiServer } from '../../cluster/api-server.ts';
import { kubectl } from '../../cluster/kubectl.ts';
import { controllerObjects } from './controller-manifest.ts';

/** A container runner, as far as one differs from another. */
export interface ContainerRunner {
  /** It exists. */
  readonly namespace: string;
  /** As Pods reach it. */
  readonly runnerApiUrl: string;
  /** The tokens of the resource classes, by their true names such as `namespace/name`. */
  readonly tokens: Readonly<Record<string, string>>;
  /** What the task Pod configuration says of each class, by the classes' true names. */
  readonly classes: Readonly<Record<string, unknown>>;
  /** Further fields of the task Pod configuration. */
  readonly configuration?: Readonly<Record<string, unknown>> | undefined;
  readonly images: { readonly containerAgent: string; readonly runnerInit: string };
  /** Variables that are added to those of the manifest, or replace them. */
  readonly variables?: Readonly<Record<string, string>> | undefined;
  readonly replicas?: number | undefined;
  /** Objects that are in the namespace before the controller, such as a quota. */
  readonly objects?: readonly object[] | undefined;
}

/**
 * Installs a container runner from the manifest of the examples.
 *
 * @returns what removes those of its objects that are in no namespace
 */
export async function installContainerRunner(runner: ContainerRunner): Promise<AsyncDisposable> {
  const { classes, configuration, images, namespace, objects = [], replicas = 1, tokens, variables } = runner;
  const installed = await controllerObjects({
    namespace,
    image: images.containerAgent,
    tokens: dotted(tokens),
    configuration: { resourceClasses: dotted(classes), ...configuration },
    variables: {
      RUNNER_API: runner.runnerApiUrl,
      KUBE_RUNNER_INIT_IMAGE: images.runnerInit,
      KUBE_LOGGING_IMAGE: images.containerAgent,
      ...variables,
    },
    replicas,
  });
  const list = { apiVersion: 'v1', kind: 'List', items: [...objects, ...installed] };
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

/** Names of classes as the keys of files and Secrets have them. */
export function dotted<T>(byName: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(
    Object.entries(byName).map(([name, value]) => [name.replaceAll('/', '.'), value]),
  );
}
