import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Deployment } from 'kubernetes-types/apps/v1.d.ts';
import type { ConfigMap, Secret } from 'kubernetes-types/core/v1.d.ts';
import type { ObjectMeta } from 'kubernetes-types/meta/v1.d.ts';
import type { ClusterRoleBinding, PolicyRule, Role } from 'kubernetes-types/rbac/v1.d.ts';
import { parseAllDocuments, stringify } from 'yaml';
import { repository } from '../../../packer/repository.ts';

/* examples/kubernetes/container-agent.yaml, with real values in place of its examples. */

/** The names that the manifest gives its objects. */
export const names = {
  controller: 'container-agent',
  collector: 'logging-collector',
  tokens: 'resource-class-tokens',
  configuration: 'container-agent',
} as const;

/** The values to fill into the manifest. */
export interface ControllerContent {
  readonly namespace: string;
  /** The controller's image. */
  readonly image: string;
  /** The tokens of resource classes, by their dotted names. */
  readonly tokens: Readonly<Record<string, string>>;
  /** The task Pod configuration. */
  readonly configuration: unknown;
  /** Variables that are added, or replace those of the manifest. */
  readonly variables: Readonly<Record<string, string>>;
  readonly replicas: number;
}

export interface ManifestObject {
  readonly kind: string;
  readonly metadata: ObjectMeta;
}

/** All objects except the namespace. The names of objects without a namespace contain the namespace's name. */
export async function controllerObjects(content: ControllerContent): Promise<ManifestObject[]> {
  const objects = (await readManifest()).filter(({ kind }) => kind !== 'Namespace');
  for (const object of objects) fillIn(object, content);
  return objects;
}

/** The rights of an account from the manifest's Roles, including the ClusterRole for the controller's. */
export async function rulesFor(account: string): Promise<readonly PolicyRule[]> {
  const roles = (await readManifest()).filter(({ kind }) => /^(Cluster)?Role$/.test(kind));
  return roles
    .filter(({ metadata }) => metadata.name === account)
    .flatMap((role) => (role as Role).rules ?? []);
}

async function readManifest(): Promise<ManifestObject[]> {
  const text = await readFile(join(repository, 'examples', 'kubernetes', 'container-agent.yaml'), 'utf8');
  return parseAllDocuments(text).flatMap((document) => document.toJS() ?? []);
}

function fillIn(object: ManifestObject, content: ControllerContent): void {
  const { kind, metadata } = object;
  const { configuration, namespace, tokens } = content;
  if (kind.startsWith('Cluster')) metadata.name = `${namespace}-${metadata.name}`;
  else metadata.namespace = namespace;
  if (kind === 'ClusterRoleBinding') bindFor(object as unknown as ClusterRoleBinding, namespace);
  if (kind === 'Secret' && metadata.name === names.tokens) (object as Secret).stringData = tokens;
  if (kind === 'ConfigMap') (object as ConfigMap).data = taskPods(configuration);
  if (kind === 'Deployment') deploy(object as Deployment, content);
}

/** The data of the ConfigMap. */
function taskPods(configuration: unknown): Record<string, string> {
  return { taskpods: stringify(configuration) };
}

function bindFor({ roleRef, subjects = [] }: ClusterRoleBinding, namespace: string): void {
  roleRef.name = `${namespace}-${roleRef.name}`;
  for (const subject of subjects) subject.namespace = namespace;
}

function deploy({ spec }: Deployment, { image, replicas, variables }: ControllerContent): void {
  const [container] = spec?.template.spec?.containers ?? [];
  if (spec === undefined || container === undefined) throw new Error('the manifest has no container');
  spec.replicas = replicas;
  container.image = image;
  const added = Object.entries(variables).map(([name, value]) => ({ name, value }));
  container.env = [...(container.env ?? []).filter(({ name }) => !Object.hasOwn(variables, name)), ...added];
}
