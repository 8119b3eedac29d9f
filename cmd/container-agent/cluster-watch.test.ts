import { expect, test } from 'vitest';
import { podsPath, testKubernetes } from '../../clients/kubernetes/fixtures/test-kubernetes.ts';
import { sendStatus } from '../../internal/dev/kubernetes-api/answers.ts';
import { RecordingLogger } from '../../internal/dev/testing/recording-logger.ts';
import { waitFor } from '../../internal/dev/testing/wait-for.ts';
import { Metrics } from '../../runner/metrics/metrics.ts';
import { ownLabels } from '../../runner/pod/own-metadata.ts';
import type { PodInformer } from '../../runner/watch/pod-watch.ts';
import { ClusterWatch } from './cluster-watch.ts';

test('the Pods of an instance that is gone are watched as long as one of its tasks is ours', async () => {
  const { api, client, signal } = await testKubernetes();
  const logger = new RecordingLogger();
  const cluster = new ClusterWatch(client, 'us', { logger, metrics: new Metrics() }, signal);
  const shown: PodInformer[] = [];
  const show = (pods: PodInformer) => {
    shown.push(pods);
    return () => void shown.splice(shown.indexOf(pods), 1);
  };
  const watches = (count: number) => waitFor(`${count} watches`, () => api.watches === count);
  await watches(2);
  cluster.watchPods('us', show)();
  const ends = [cluster.watchPods('gone', show), cluster.watchPods('gone', show)];
  await watches(3);
  api.put(podsPath, { metadata: { name: 'pod-a', labels: ownLabels('gone') as Record<string, string> } });
  await waitFor('its Pod', () => shown[0]?.get('pod-a'));
  ends[0]?.();
  expect(shown).toHaveLength(1);
  ends[1]?.();
  expect(shown).toHaveLength(0);
  await watches(2);
  cluster.watchPods('gone', show);
  await watches(3);
});

test('the Pods of another instance do not count as those of this one', async () => {
  const { api, client, signal } = await testKubernetes();
  let isAway = true;
  api.intercept = ({ path, query }, response) => {
    const isRefused = isAway && path === podsPath && !query.get('labelSelector')?.includes('gone');
    if (isRefused) sendStatus(response, 503, 'ServiceUnavailable', 'not yet');
    return isRefused;
  };
  const logger = new RecordingLogger();
  const cluster = new ClusterWatch(client, 'us', { logger, metrics: new Metrics() }, signal);
  let others: PodInformer | undefined;
  cluster.watchPods('gone', (pods) => {
    others = pods;
    return () => undefined;
  });
  await others?.synced;
  expect(cluster.synced.pods).toBe(false);
  isAway = false;
  await waitFor('our own Pods', () => cluster.synced.pods);
});
