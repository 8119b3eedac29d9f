import { expect, test } from 'vitest';
import { KubernetesError, NoAnswerError } from '../../clients/kubernetes/kubernetes-error.ts';
import { type CreateProblem, judgeCreateError } from './create-error.ts';

test.each<[CreateProblem, number, string, string]>([
  ['exists', 409, 'AlreadyExists', 'pods "x" already exists'],
  ['later', 409, 'Conflict', 'the object has been modified'],
  ['full', 403, 'Forbidden', 'pods "x" is forbidden: exceeded quota: q, requested: pods=1, used: pods=9'],
  ['later', 403, 'Forbidden', 'pods is forbidden: User "x" cannot create resource "pods" in API group ""'],
  [
    'later',
    403,
    'Forbidden',
    'pods "x" is forbidden: error looking up service account runner/builder: not found',
  ],
  ['later', 403, 'Forbidden', 'pods "x" is forbidden: status unknown for quota: q, resources: pods'],
  ['later', 403, 'Forbidden', 'pods "x" is forbidden: not yet ready to handle request'],
  [
    'refused',
    403,
    'Forbidden',
    'pods "x" is forbidden: failed quota: q: must specify limits.cpu for: container-1',
  ],
  ['refused', 403, 'Forbidden', 'pods "x" is forbidden: violates PodSecurity "restricted:latest"'],
  [
    'refused',
    403,
    'Forbidden',
    'pods "x" is forbidden: maximum cpu usage per Container is 1, but limit is 2',
  ],
  ['refused', 403, 'Forbidden', 'admission webhook "policy" denied the request: no'],
  ['refused', 400, 'BadRequest', 'json: cannot unmarshal string'],
  [
    'no-namespace',
    403,
    'Forbidden',
    'pods "x" is forbidden: unable to create new content in namespace runner because it is being terminated',
  ],
  ['no-namespace', 404, 'NotFound', 'namespaces "x" not found'],
  ['refused', 404, 'NotFound', 'the server could not find the requested resource'],
  ['refused', 500, '', 'etcdserver: request is too large'],
  [
    'refused',
    500,
    '',
    'rpc error: code = ResourceExhausted desc = trying to send message larger than max (2097452 vs. 2097152)',
  ],
  ['refused', 413, 'RequestEntityTooLarge', 'limit is 3145728'],
  ['refused', 422, 'Invalid', 'Pod "x" is invalid: spec.containers[0].image: Required value'],
  ['later', 401, 'Unauthorized', 'Unauthorized'],
  ['later', 429, 'TooManyRequests', 'the server is busy'],
  ['later', 500, 'InternalError', 'failed calling webhook "w": context deadline exceeded'],
  ['later', 503, 'ServiceUnavailable', 'etcd is away'],
  ['later', 504, 'Timeout', 'the request did not complete in time'],
])('%s is what %s %s (%s) comes to', (problem, status, reason, said) => {
  expect(judgeCreateError(new KubernetesError(said, { status, reason, said }))).toBe(problem);
});

test('without an answer the object may exist', () => {
  expect(judgeCreateError(new NoAnswerError('the connection broke'))).toBe('later');
});
