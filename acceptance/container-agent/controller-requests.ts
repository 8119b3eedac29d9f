import type { SeenRequest } from '../../internal/dev/kubernetes-api/fake-kubernetes-api.ts';

/** A request to the API server, in the terms of RBAC. */
export interface KubernetesRight {
  /** Such as `get pods`. */
  readonly right: string;
  /** The object's name. Undefined: the request is about all objects. */
  readonly object: string | undefined;
}

/** The right that a request to the API server needs. */
export function rightFor({ body, method, path, query }: SeenRequest): KubernetesRight {
  const [, group = '', rest = ''] =
    /^\/(?:api|apis\/([^/]+))\/v1\/(?:namespaces\/[^/]+\/)?(.+)$/.exec(path) ?? [];
  const [resource = '', name, subresource] = rest.split('/');
  const created = (body as { metadata?: { name?: string } } | undefined)?.metadata?.name;
  const kind = [group, resource, subresource].filter(Boolean).join('/');
  if (query.get('watch') === 'true') return { right: `watch ${kind}`, object: undefined };
  if (method === 'POST') return { right: `create ${kind}`, object: created };
  const verb = method === 'DELETE' ? 'delete' : name === undefined ? 'list' : 'get';
  return { right: `${verb} ${kind}`, object: name };
}

/** The name of a request for a title. The names of a task's objects are left out, because they differ each time. */
export function nameOf(request: SeenRequest): string {
  const { object, right } = rightFor(request);
  const role = object?.replace(/^ccita-lock-.*/, 'LOCK').replace(/^ccita-.*-0-[0-9a-f]{8}/, 'TASK');
  return role === undefined ? right : `${right}/${role}`;
}
