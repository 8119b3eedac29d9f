import type { PermissionsPage } from '../docs/permissions-page.ts';
import type { AuditedRequest } from '../testing/cluster/audit-log.ts';
import { names } from '../testing/cluster/controller-manifest.ts';
import { wasForbidden } from '../testing/cluster/rights.ts';

/** The container runner's requests, compared with the page. */
export interface RightsVerdict {
  /** The numbers of used rights and of requests, one line per account. */
  readonly counts: readonly string[];
  /** Rights on the page that no request used, and the reverse. Empty: the page is true. */
  readonly problems: readonly string[];
}

/**
 * Compares the requests of controllers and logging containers, in any namespace, with the page.
 *
 * @param requests those that RBAC refused do not count, because a test makes some on purpose
 */
export function judgeRights(requests: readonly AuditedRequest[], page: PermissionsPage): RightsVerdict {
  const verdicts = [
    { account: names.controller, told: page.ofController },
    { account: names.collector, told: page.ofCollector },
  ].map(({ account, told }) => {
    const made = requests.filter(
      (request) => request.user.username?.endsWith(`:${account}`) && !wasForbidden(request),
    );
    const used = new Set(made.map(rightFor));
    const unused = told.filter((right) => !used.has(right));
    const untold = [...used].filter((right) => !told.includes(right));
    return {
      count: `${account}: ${used.size} rights used by ${made.length} requests`,
      problems: [
        ...unused.map((right) => `${account}: no request has used '${right}'`),
        ...untold.map((right) => `${account}: has used '${right}', which the page lacks`),
      ],
    };
  });
  return {
    counts: verdicts.map(({ count }) => count),
    problems: verdicts.flatMap(({ problems }) => problems),
  };
}

/** The right in the form of the page: without the group of the API. */
function rightFor({ objectRef, requestURI, verb }: AuditedRequest): string {
  if (objectRef === undefined) return `${requestURI} ${verb}`;
  const { resource, subresource } = objectRef;
  return `${subresource ? `${resource}/${subresource}` : resource} ${verb}`;
}
