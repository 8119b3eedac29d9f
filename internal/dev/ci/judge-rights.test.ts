import { expect, test } from 'vitest';
import type { AuditedRequest } from '../testing/cluster/audit-log.ts';
import { judgeRights } from './judge-rights.ts';

const page = {
  controllerSection: '',
  ofController: ['pods list', 'pods create'],
  ofCollector: ['pods/log get'],
  unused: ['pods/exec create'],
};

function request(account: string, right: string, decision = 'allow'): AuditedRequest {
  const [object = '', verb = ''] = right.split(' ');
  const [resource = '', subresource] = object.split('/');
  return {
    auditID: '',
    verb,
    user: { username: `system:serviceaccount:some-namespace:${account}` },
    requestURI: '/api/v1',
    objectRef: { resource, ...(subresource && { subresource }) },
    requestReceivedTimestamp: '',
    stageTimestamp: '',
    annotations: { 'authorization.k8s.io/decision': decision },
  };
}

const all = [
  request('container-agent', 'pods list'),
  request('container-agent', 'pods create'),
  request('container-agent', 'pods create'),
  request('logging-collector', 'pods/log get'),
];

test.each([
  { title: 'is content when each right was used and no other', requests: all, problems: [] },
  {
    title: 'names a right that nobody has used',
    requests: all.slice(1),
    problems: ["container-agent: no request has used 'pods list'"],
  },
  {
    title: 'names a right that the page lacks',
    requests: [...all, request('logging-collector', 'secrets get')],
    problems: ["logging-collector: has used 'secrets get', which the page lacks"],
  },
  {
    title: 'leaves out what was refused, and what others have asked for',
    requests: [
      ...all,
      request('container-agent', 'configmaps get', 'forbid'),
      request('default', 'pods delete'),
    ],
    problems: [],
  },
])('$title', ({ requests, problems }) => {
  expect(judgeRights(requests, page).problems).toEqual(problems);
});

test('counts rights and requests of each account', () => {
  expect(judgeRights(all, page).counts).toEqual([
    'container-agent: 2 rights used by 3 requests',
    'logging-collector: 1 rights used by 1 requests',
  ]);
});
