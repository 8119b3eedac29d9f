import { callApiServer } from '../../cluster/api-server.ts';
import { kubectl } from '../../cluster/kubectl.ts';
import { controllerObjects, type ManifestObject } from './controller-manifest.ts';

/** The settings of a container runner. */
export interface ContainerRunner {
  /** An existing namespace. */
  readonly namespace: string;
  /** The address for Pods. */
  readonly runnerApiUrl: string;
  /** The tokens of the resource classes, by their full names such as `namespace/name`. */
  readonly tokens: Readonly<Record<string, string>>;
  /** The classes' entries in the task Pod configuration, by the classes' full names. */
  readonly classes: Readonly<Record<string, unknown>>;
  /** Further fields of the task Pod configuration. */
  readonly configuration?: Readonly<Record<string, unknown>> | undefined;
  readonly images: { readonly containerAgent: string; readonly runnerInit: string };
  /** Variables that are added to those of the manifest, or replace them. */
  readonly variables?: Readonly<Record<string, string>> | undefined;
  readonly replicas?: number | undefined;
  /** Objects to create in the namespace before the controller, such as a quota. */
  readonly objects?: readonly object[] | undefined;
}

/**
 * Installs a container runner from the manifest of the examples.
 *
 * @returns a handle that removes its objects without a namespace
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
  return removalOfRights(installed);
}

/** A handle that removes the objects without a namespace: the rights on nodes. */
export function removalOfRights(installed: readonly ManifestObject[]): AsyncDisposable {
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

/** Turns names of classes into the keys of files and Secrets. */
export function dotted<T>(byName: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(
    Object.entries(byName).map(([name, value]) => [name.replaceAll('/', '.'), value]),
  );
}
