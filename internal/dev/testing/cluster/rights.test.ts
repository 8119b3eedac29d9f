import { expect, test } from 'vitest';
import type { AuditedRequest } from './audit-log.ts';
import { grantedBy, neededFor, wasForbidden } from './rights.ts';

const request: AuditedRequest = {
  auditID: '1',
  verb: 'get',
  user: { username: 'somebody' },
  requestURI: '/version',
  requestReceivedTimestamp: '',
  stageTimestamp: '',
};

test('rules grant each verb on each resource of each group', () => {
  const rules = [
    { apiGroups: ['', 'events.k8s.io/v1'], resources: ['events'], verbs: ['watch', 'list'] },
    { apiGroups: ['apps'], resources: ['deployments'], verbs: ['get'] },
  ];
  expect(grantedBy(rules)).toEqual(
    new Set([
      'watch events',
      'list events',
      'watch events.k8s.io/v1/events',
      'list events.k8s.io/v1/events',
      'get apps/deployments',
    ]),
  );
});

test.each([
  [{ resource: 'pods' }, 'get pods'],
  [{ resource: 'pods', subresource: 'log' }, 'get pods/log'],
  [{ resource: 'deployments', apiGroup: 'apps' }, 'get apps/deployments'],
  [undefined, 'get /version'],
])('a request for %j needs the right to %s', (objectRef, right) => {
  expect(neededFor({ ...request, ...(objectRef && { objectRef }) })).toBe(right);
});

test.each([
  ['forbid', true],
  ['allow', false],
])('a request whose decision was %s was refused by RBAC: %s', (decision, expected) => {
  const annotations = { 'authorization.k8s.io/decision': decision };
  expect(wasForbidden({ ...request, annotations })).toBe(expected);
});
