import { expect, test } from 'vitest';
import { nodesPath, testKubernetes } from '../../clients/kubernetes/fixtures/test-kubernetes.ts';
import { sendStatus } from '../../internal/dev/kubernetes-api/answers.ts';
import { RecordingLogger } from '../../internal/dev/testing/recording-logger.ts';
import { readyNode, sketchNode } from '../verdict/fixtures/nodes.ts';
import { ended, sketchEvent, sketchPod } from '../verdict/fixtures/pods.ts';
import type { Retry } from '../verdict/verdict.ts';
import { settleRetry } from './settle-retry.ts';
import type { StoppedPod } from './stop-pod.ts';

/** The kubelet's status of a container that waited for its image when the Pod was deleted. */
const neverMade = { terminated: { exitCode: 137, reason: 'ContainerStatusUnknown', startedAt: null } };
/** The status of a container that could not start, from containerd, and from a runtime that gives no reason. */
const notStarted = (reason: string) => ({
  terminated: {
    exitCode: 128,
    reason,
    startedAt: '1970-01-01T00:00:00Z',
    message: 'no space left on device',
  },
});
const started = [sketchEvent('Started', 'Container started', 'container-0', 'Normal')];
const primary = (state: object) => sketchPod({ states: { 'container-0': state } });

/** A stopped Pod that is gone before it started, with these differences. */
function stopped(last: Partial<StoppedPod['last']>, rest: Partial<StoppedPod> = {}): StoppedPod {
  const view = { pod: sketchPod(), gone: true, endMissed: false, events: [], ...last };
  return { last: view, isRefused: false, hadNoNode: false, ...rest };
}

/**
 * Settles the failure of a task.
 *
 * @param node of its Pod. Undefined: it was removed
 * @param refusals the statuses of the first answers
 */
async function settle(
  retry: Retry,
  pod: StoppedPod,
  node: typeof readyNode | undefined,
  refusals: readonly number[] = [],
) {
  const { api, client, signal } = await testKubernetes();
  const logger = new RecordingLogger();
  const { events: lines } = logger;
  if (node !== undefined) api.put(nodesPath, node);
  const left = [...refusals];
  api.intercept = (_request, response) => {
    const status = left.shift();
    if (status !== undefined) sendStatus(response, status, 'Reason', 'words');
    return status !== undefined;
  };
  const settled = await settleRetry({ retry, message: 'It failed.' }, pod, { client, logger }, signal);
  return { ...settled, lines, requests: api.requests.map(({ path }) => path) };
}

const missed = { endMissed: true };

test.each<[string, StoppedPod, Retry, Retry]>([
  ['whose end was not seen', stopped(missed), 'always', 'if-unsafe'],
  ['that has started', stopped({ events: started }), 'always', 'if-unsafe'],
  ['that has run', stopped({ pod: primary(ended(1)) }), 'always', 'if-unsafe'],
  ['whose container was never made', stopped({ pod: primary(neverMade) }), 'always', 'always'],
  ['whose container did not start', stopped({ pod: primary(notStarted('StartError')) }), 'always', 'always'],
  ['whose container never ran', stopped({ pod: primary(notStarted('Error')) }), 'always', 'always'],
  ['that had no node', stopped(missed, { hadNoNode: true }), 'always', 'always'],
  ['that can never start', stopped({ pod: primary(ended(1)) }), 'never', 'never'],
  ['that may have run anyhow', stopped({ gone: false }), 'if-unsafe', 'if-unsafe'],
])('no node is asked about a Pod %s', async (_, pod, retry, expected) => {
  const settled = await settle(retry, pod, undefined);
  expect(settled).toMatchObject({ retry: expected, message: 'It failed.', requests: [] });
});

test('the task of a Pod that may not be deleted is not handed back, and the message says why', async () => {
  const settled = await settle('always', stopped({ gone: false }, { isRefused: true }), undefined);
  expect(settled).toMatchObject({ retry: 'never', requests: [] });
  expect(settled.message).toMatch(/^It failed\. The task was not handed back: .*refuses to delete its Pod/);
});

const lost = sketchNode('Unknown');

test.each<[string, StoppedPod, typeof readyNode | undefined, Retry]>([
  ['is still there, as its kubelet pulls an image,', stopped({ gone: false }), readyNode, 'always'],
  ['is still there, on a node that is cut off,', stopped({ gone: false }), lost, 'if-unsafe'],
  ['is still there, on a node that was removed,', stopped({ gone: false }), undefined, 'if-unsafe'],
  ['was deleted by force', stopped({}), readyNode, 'always'],
  ['was deleted by force, on a node that is cut off,', stopped({}), lost, 'if-unsafe'],
  ['was removed with its node', stopped({}), undefined, 'if-unsafe'],
])('a Pod that has not started and %s counts by its node', async (_, pod, node, retry) => {
  const settled = await settle('always', pod, node);
  expect(settled).toMatchObject({ retry, lines: [], requests: [`${nodesPath}/node-a`] });
  expect(settled.message).toMatch(
    retry === 'always' ? /failed\.$/ : /node-a .* is lost: .*Look at the node\.$/,
  );
});

test('the API server is asked until it answers', async () => {
  const settled = await settle('always', stopped({}), lost, [503, 403, 429]);
  expect(settled).toMatchObject({ retry: 'if-unsafe', lines: [] });
});

test('without the right to read nodes, the task is handed back, and the log says so', async () => {
  const settled = await settle('always', stopped({}), lost, [403, 403, 403, 403]);
  expect(settled).toMatchObject({ retry: 'always', message: 'It failed.' });
  expect(settled.lines).toMatchObject([{ level: 'warn', fields: { node: 'node-a' } }]);
});
