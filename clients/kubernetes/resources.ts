/** A kind of object, and its path at the API server. */
export interface Resource {
  /** The name in RBAC, in the plural. */
  readonly name: string;
  /** The path before the namespace. */
  readonly group: string;
  readonly namespaced: boolean;
  /** Whether the API server sends bookmarks to a quiet watch (default: yes). */
  readonly hasBookmarks?: boolean;
  /**
   * Objects per page of a list (default: 100). The text and the objects of a page are in memory at the same time: some
   * Pods have 15 KB and more.
   */
  readonly pageSize?: number;
  /** A list that is read page by page and has more counts as endless, bytes (default: 256 MiB). */
  readonly maxListBytes?: number;
}

/** The group that every API server has. */
const coreGroup = '/api/v1';

export const pods: Resource = { name: 'pods', group: coreGroup, namespaced: true };
export const secrets: Resource = { name: 'secrets', group: coreGroup, namespaced: true };
/**
 * Events are many and small. So the API server serves them from etcd, without the cache that makes bookmarks. Callers
 * keep little of each page, so only the number of pages is limited.
 */
export const events: Resource = {
  name: 'events',
  group: coreGroup,
  namespaced: true,
  hasBookmarks: false,
  pageSize: 500,
  maxListBytes: Number.POSITIVE_INFINITY,
};
export const nodes: Resource = { name: 'nodes', group: coreGroup, namespaced: false };
export const services: Resource = { name: 'services', group: coreGroup, namespaced: true };
export const gateways: Resource = {
  name: 'gateways',
  group: '/apis/gateway.networking.k8s.io/v1',
  namespaced: true,
};

/** Whether a path is in the group of APIs that every API server has. */
export function isCorePath(path: string): boolean {
  return path.startsWith(`${coreGroup}/`);
}

/** Kubernetes' verbs. `watch` and `list` are GET requests too. */
export type Verb = 'get' | 'list' | 'watch' | 'create' | 'delete';

/** The path of a kind's objects, or of one of them. */
export function resourcePath(
  resource: Resource,
  namespace: string,
  name?: string,
  subresource?: string,
): string {
  const scope = resource.namespaced ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  const parts = [name, subresource].flatMap((part) => (part === undefined ? [] : [encodeURIComponent(part)]));
  return [`${resource.group}${scope}/${resource.name}`, ...parts].join('/');
}
