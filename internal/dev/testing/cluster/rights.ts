import type { PolicyRule } from 'kubernetes-types/rbac/v1.d.ts';
import type { AuditedRequest } from './audit-log.ts';

/** A verb on a resource, such as `watch pods` or `get pods/log`. */
export type Right = string;

/** All that the rules grant in the core group, which is all that the controller has to do with. */
export function grantedBy(rules: readonly PolicyRule[]): Set<Right> {
  const core = rules.filter(({ apiGroups = [] }) => apiGroups.includes(''));
  return new Set(
    core.flatMap(({ resources = [], verbs }) =>
      resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}`)),
    ),
  );
}

/** What a request needs. Of another group, or of no object at all, it is a right that nobody has. */
export function neededFor({ objectRef, requestURI, verb }: AuditedRequest): Right {
  if (objectRef === undefined) return `${verb} ${requestURI}`;
  const { apiGroup = '', resource, subresource } = objectRef;
  return `${verb} ${[apiGroup, resource, subresource].filter(Boolean).join('/')}`;
}

/** Whether RBAC has refused a request: what a quota refuses has the same status. */
export function wasForbidden({ annotations }: AuditedRequest): boolean {
  return annotations?.['authorization.k8s.io/decision'] === 'forbid';
}
