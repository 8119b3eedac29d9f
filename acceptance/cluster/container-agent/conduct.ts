import type { PolicyRule } from 'kubernetes-types/rbac/v1.d.ts';
import { expect } from 'vitest';
import { type AuditedRequest, readAuditLog } from '../../../internal/dev/testing/cluster/audit-log.ts';
import { names, rulesFor } from '../../../internal/dev/testing/cluster/controller-manifest.ts';
import { grantedBy, neededFor, wasForbidden } from '../../../internal/dev/testing/cluster/rights.ts';

/** Requests to the API server, by the account that made them. `others`: not by one of our accounts. */
export type Requests = Readonly<Record<'controller' | 'collector' | 'others', readonly AuditedRequest[]>>;

/** A controller whose Pod was deleted by force may run for a moment longer, but the API server rejects its token. */
const isRejected = ({ responseStatus }: AuditedRequest) => responseStatus?.code === 401;

/** The requests of a namespace's controllers and logging containers, and of its Pods with other accounts. */
export async function requestsFrom(namespace: string, sinceMs: number): Promise<Requests> {
  const prefix = `system:serviceaccount:${namespace}:`;
  const requests = await readAuditLog(namespace, sinceMs);
  const of = (account: string) => requests.filter(({ user }) => user.username === prefix + account);
  const ours = new Set([names.controller, names.collector].map((account) => prefix + account));
  const isFromOurs = ({ user: { username = '' }, userAgent = '' }: AuditedRequest) =>
    username.startsWith(prefix) || userAgent.startsWith(`${names.controller}/`);
  const others = requests.filter(
    (request) => isFromOurs(request) && !ours.has(request.user.username ?? '') && !isRejected(request),
  );
  return { controller: of(names.controller), collector: of(names.collector), others };
}

/**
 * Whether the account could make the same request at another time. An API server that has just started refuses what
 * Roles allow until it has read them (kubernetes/kubernetes#121635).
 */
const isAllowedElse = (request: AuditedRequest, requests: readonly AuditedRequest[]) =>
  requests.some(
    (other) =>
      !wasForbidden(other) &&
      neededFor(other) === neededFor(request) &&
      other.objectRef?.name === request.objectRef?.name,
  );

/**
 * Fails if a request was not allowed by the manifest's Roles, or came from an account without one of them.
 *
 * @param rights further rights of the controller
 */
export async function expectRights(requests: Requests, rights: readonly PolicyRule[] = []): Promise<void> {
  expect(requests.others, 'requests without an account that has a Role').toEqual([]);
  for (const account of ['controller', 'collector'] as const) {
    const rules = await rulesFor(names[account]);
    const granted = grantedBy(account === 'controller' ? [...rules, ...rights] : rules);
    const made = requests[account];
    const excess = made.filter(
      (request) =>
        !granted.has(neededFor(request)) || (wasForbidden(request) && !isAllowedElse(request, made)),
    );
    expect(excess, `requests of the ${account} beyond its Role`).toEqual([]);
  }
}

/** Fails if a token appears in any output or in anything that can be read, as it is or as base64. */
export function expectSecrecy(tokens: readonly string[], told: unknown): void {
  const text = JSON.stringify(told);
  const formsOf = (token: string) => [token, Buffer.from(token).toString('base64').replace(/=+$/, '')];
  const leaked = tokens.filter((token) => formsOf(token).some((form) => text.includes(form)));
  expect(leaked, 'tokens in logs, steps, messages, events or Pods').toEqual([]);
}
