import { expect } from 'vitest';
import { type AuditedRequest, readAuditLog } from '../../../internal/dev/testing/cluster/audit-log.ts';
import { names, rulesFor } from '../../../internal/dev/testing/cluster/controller-manifest.ts';
import { grantedBy, neededFor, wasForbidden } from '../../../internal/dev/testing/cluster/rights.ts';

/** Requests to the API server, by the account that made them. */
export type Requests = Readonly<Record<'controller' | 'collector', readonly AuditedRequest[]>>;

/** What the controllers and the logging containers of a namespace have asked the API server for. */
export async function requestsFrom(namespace: string, sinceMs: number): Promise<Requests> {
  const prefix = `system:serviceaccount:${namespace}:`;
  const requests = await readAuditLog(`"${prefix}`, sinceMs);
  const of = (account: string) => requests.filter(({ user }) => user.username === prefix + account);
  return { controller: of(names.controller), collector: of(names.collector) };
}

/** Fails if something was asked for that the manifest's Roles do not allow. */
export async function expectRights(requests: Requests): Promise<void> {
  for (const account of ['controller', 'collector'] as const) {
    const granted = grantedBy(await rulesFor(names[account]));
    const excess = requests[account].filter(
      (request) => !granted.has(neededFor(request)) || wasForbidden(request),
    );
    expect(excess, `requests of the ${account} beyond its Role`).toEqual([]);
  }
}

/** Fails if a token is in what was told or can be looked up. */
export function expectSecrecy(tokens: readonly string[], told: unknown): void {
  const text = JSON.stringify(told);
  const leaked = tokens.filter((token) => text.includes(token));
  expect(leaked, 'tokens in logs, steps, messages, events or Pods').toEqual([]);
}
