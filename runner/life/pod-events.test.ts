import { expect, test } from 'vitest';
import { testKubernetes } from '../../clients/kubernetes/test-kubernetes.ts';
import { sendStatus } from '../../internal/dev/kubernetes-api/answers.ts';
import { listPodEvents } from './list-pod-events.ts';

test.each([[[403, 403, 403]], [[503, 410, 403]]])(
  'the events of a Pod are listed once the API server allows it (%s)',
  async (refusals) => {
    const { api, client, signal } = await testKubernetes();
    api.put('/api/v1/namespaces/runner/events', {
      metadata: { name: 'e' },
      ...{ involvedObject: { kind: 'Pod', name: 'pod-a' }, reason: 'Started' },
    });
    const left = [...refusals];
    api.intercept = (_request, response) => {
      const status = left.shift();
      if (status !== undefined) sendStatus(response, status, 'Reason', 'words');
      return status !== undefined;
    };
    expect(await listPodEvents(client, 'pod-a', signal)).toMatchObject([{ reason: 'Started' }]);
  },
);

test('a right that is missing for good is an error', async () => {
  const { api, client, signal } = await testKubernetes();
  api.intercept = (_request, response) => {
    sendStatus(response, 403, 'Forbidden', 'no');
    return true;
  };
  await expect(listPodEvents(client, 'pod-a', signal)).rejects.toMatchObject({ status: 403 });
});
