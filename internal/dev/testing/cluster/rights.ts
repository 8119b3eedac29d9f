import type { PolicyRule } from 'kubernetes-types/rbac/v1.d.ts';
import type { AuditedRequest } from './audit-log.ts';

/** A verb on a resource, such as `watch pods` or `get pods/log`. */
export type Right = string;

/** All rights that the rules grant. */
export function grantedBy(rules: readonly PolicyRule[]): Set<Right> {
  return new Set(
    rules.flatMap(({ apiGroups = [], resources = [], verbs }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) => verbs.map((verb) => `${verb} ${nameIn(group, resource)}`)),
      ),
    ),
  );
}

function nameIn(group: string, resource: string): string {
  return group === '' ? resource : `${group}/${resource}`;
}

/** The right that a request needs. Without an object, it is a right that nobody has. */
export function neededFor({ objectRef, requestURI, verb }: AuditedRequest): Right {
  if (objectRef === undefined) return `${verb} ${requestURI}`;
  const { apiGroup = '', resource, subresource } = objectRef;
  return `${verb} ${nameIn(apiGroup, subresource ? `${resource}/${subresource}` : resource)}`;
}

/** Whether RBAC has refused a request. The status alone does not show that: a quota's refusal has the same. */
export function wasForbidden({ annotations }: AuditedRequest): boolean {
  return annotations?.['authorization.k8s.io/decision'] === 'forbid';
}
