import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { NamespaceList, PodList } from 'kubernetes-types/core/v1.d.ts';
import { ApiServerError, callApiServer, readObject } from '../../cluster/api-server.ts';
import { waitFor } from '../wait-for.ts';
import { releasePod } from './pod.ts';

/** The namespace of one test or demo. Disposing of it removes it and its objects, which takes the cluster a while. */
export interface TestNamespace extends AsyncDisposable {
  readonly name: string;
}

/** The properties of a namespace. */
export interface NamespaceContract {
  /** Its purpose, as the beginning of its name. */
  readonly purpose?: string;
  /** Whether it may outlive this process. */
  readonly stays?: boolean;
  /** The Pod security standard that everything in it has to comply with. */
  readonly podSecurity?: 'baseline' | 'restricted';
}

/** A namespace's label with the process that will remove it. */
const ownerLabel = 'runner-init.test/owner';

/** Makes a namespace in which Pods can be created. */
export async function createNamespace({
  podSecurity,
  purpose = 'test',
  stays = false,
}: NamespaceContract = {}): Promise<TestNamespace> {
  const name = `${purpose}-${randomBytes(5).toString('hex')}`;
  const labels = {
    ...(stays ? {} : { [ownerLabel]: `${process.pid}` }),
    ...(podSecurity ? { 'pod-security.kubernetes.io/enforce': podSecurity } : {}),
  };
  await callApiServer('/api/v1/namespaces', { method: 'POST', body: { metadata: { name, labels } } });
  const account = `/api/v1/namespaces/${name}/serviceaccounts/default`;
  await waitFor(`the service account of ${name}`, async () => (await readObject(account)) !== undefined);
  return { name, [Symbol.asyncDispose]: () => removeNamespace(name) };
}

/** Removes the namespaces of killed runs. */
export async function removeAbandonedNamespaces(): Promise<void> {
  const answer = await callApiServer(`/api/v1/namespaces?labelSelector=${ownerLabel}`);
  const { items }: NamespaceList = JSON.parse(answer);
  for (const { metadata: { name = '', labels } = {} } of items) {
    if (!existsSync(`/proc/${labels?.[ownerLabel]}`)) await removeNamespace(name);
  }
}

/** Gives running Pods only a second. From the first call on, no new ones can be created. */
async function removeNamespace(name: string): Promise<void> {
  const pods = `/api/v1/namespaces/${name}/pods`;
  await callApiServer(`/api/v1/namespaces/${name}`, { method: 'DELETE' }).catch((error: unknown) => {
    // It is already being removed.
    if (!(error instanceof ApiServerError && error.status === 409)) throw error;
  });
  await callApiServer(`${pods}?gracePeriodSeconds=1`, { method: 'DELETE' });
  const { items }: PodList = JSON.parse(await callApiServer(pods));
  for (const { metadata } of items) await releasePod({ namespace: name, name: metadata?.name ?? '' });
}
