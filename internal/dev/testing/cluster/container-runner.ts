import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Deployment } from 'kubernetes-types/apps/v1.d.ts';
import type { ConfigMap, EnvVar, Secret } from 'kubernetes-types/core/v1.d.ts';
import type { ObjectMeta } from 'kubernetes-types/meta/v1.d.ts';
import type { ClusterRole, ClusterRoleBinding } from 'kubernetes-types/rbac/v1.d.ts';
import { parseAllDocuments } from 'yaml';
import { repository } from '../../../packer/repository.ts';
import { kubectl } from '../../cluster/kubectl.ts';

const manifests = join(repository, 'examples', 'kubernetes', 'container-agent.yaml');

/** A container runner of a namespace, as far as one differs from another. */
export interface ContainerRunner {
  /** It exists. */
  readonly namespace: string;
  /** As Pods reach it. */
  readonly runnerApiUrl: string;
  /** The tokens of the resource classes, by their true names such as `namespace/name`. */
  readonly tokens: Readonly<Record<string, string>>;
  /** The task Pod configuration: `resourceClasses` and what else that file may hold. */
  readonly taskPods: Readonly<Record<string, unknown>>;
  readonly images: {
    readonly containerAgent: string;
    readonly runnerInit: string;
  };
  /** Variables of the controller that the manifests do not have, or have otherwise. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** The name of the controller's Deployment, and of the one container in its Pods. */
export const controllerName = 'container-agent';

/**
 * Installs the container runner from the manifests of the examples.
 *
 * @returns what removes that part of it which is in no namespace
 * @throws Error with the words of kubectl
 */
export async function installContainerRunner(runner: ContainerRunner): Promise<AsyncDisposable> {
  const documents = parseAllDocuments(await readFile(manifests, 'utf8'));
  const items = documents
    .map((document): Manifest => document.toJS())
    .filter(({ kind }) => kind !== 'Namespace')
    .map((manifest) => adapt(manifest, runner));
  await kubectl(['apply', '--filename=-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  return {
    async [Symbol.asyncDispose]() {
      const name = clusterName(runner);
      await kubectl(['delete', '--ignore-not-found', `clusterrole/${name}`, `clusterrolebinding/${name}`]);
    },
  };
}

type Manifest = { readonly kind: string; readonly metadata: ObjectMeta } & Record<string, unknown>;

/** Several container runners of a cluster share the names that belong to no namespace. */
function clusterName({ namespace }: ContainerRunner): string {
  return `container-agent-of-${namespace}`;
}

function adapt(manifest: Manifest, runner: ContainerRunner): object {
  const change = changes[manifest.kind];
  const changed = change ? { ...manifest, ...change(manifest, runner) } : manifest;
  const { namespace } = manifest.metadata;
  if (namespace === undefined) return changed;
  return { ...changed, metadata: { ...manifest.metadata, namespace: runner.namespace } };
}

/** What is other than in the examples, by the kind of the object. */
const changes: Readonly<Record<string, (manifest: Manifest, runner: ContainerRunner) => object>> = {
  ClusterRole: (_, runner): Partial<ClusterRole> => ({ metadata: { name: clusterName(runner) } }),
  ClusterRoleBinding: (manifest, runner): Partial<ClusterRoleBinding> => {
    const { roleRef, subjects = [] } = manifest as Manifest & ClusterRoleBinding;
    return {
      metadata: { name: clusterName(runner) },
      roleRef: { ...roleRef, name: clusterName(runner) },
      subjects: subjects.map((subject) => ({ ...subject, namespace: runner.namespace })),
    };
  },
  Secret: ({ metadata }, { tokens }): Partial<Secret> => {
    if (metadata.name !== 'resource-class-tokens') return {};
    const entries = Object.entries(tokens);
    return {
      stringData: Object.fromEntries(entries.map(([name, token]) => [name.replaceAll('/', '.'), token])),
    };
  },
  // JSON is YAML.
  ConfigMap: (_, { taskPods }): Partial<ConfigMap> => ({ data: { taskpods: JSON.stringify(taskPods) } }),
  Deployment: (manifest, runner) => adaptDeployment(manifest as Manifest & Deployment, runner),
};

function adaptDeployment({ spec }: Deployment, runner: ContainerRunner): Partial<Deployment> {
  const { images, runnerApiUrl, variables = {} } = runner;
  const [container] = spec?.template.spec?.containers ?? [];
  if (spec?.template.spec === undefined || container === undefined) {
    throw new Error(`${manifests} has no container`);
  }
  const env = withVariables(container.env ?? [], {
    RUNNER_API: runnerApiUrl,
    KUBE_RUNNER_INIT_IMAGE: images.runnerInit,
    KUBE_LOGGING_IMAGE: images.containerAgent,
    ...variables,
  });
  const containers = [{ ...container, image: images.containerAgent, env }];
  return {
    spec: { ...spec, template: { ...spec.template, spec: { ...spec.template.spec, containers } } },
  };
}

function withVariables(env: readonly EnvVar[], variables: Readonly<Record<string, string>>): EnvVar[] {
  const others = env.filter(({ name }) => !Object.hasOwn(variables, name));
  return [...others, ...Object.entries(variables).map(([name, value]) => ({ name, value }))];
}
