import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  FakeKubernetesApi,
  type StoredObject,
} from '../../internal/dev/kubernetes-api/fake-kubernetes-api.ts';
import { ended, running } from '../verdict/fixtures/pods.ts';
import { type Death, MortalController, OneEndApi } from './fixtures/mortal-controller.ts';

/*
 * A controller is killed at each request of a task: once before the request has an effect, and once when it has, but
 * nobody hears of it. Whoever comes after brings the task to its end: run at most once, reported once, nothing left.
 */

const podsPath = '/api/v1/namespaces/runner/pods';
const secretsPath = '/api/v1/namespaces/runner/secrets';

/** What a kubelet says of the primary container, one after the other, and what the runner API has to hear of it. */
const fates = {
  'that ends well': { states: [running, ended(0)], ends: [] },
  'whose orchestrator is killed': { states: [running, ended(137)], ends: ['failed'] },
  'that cannot start': {
    states: [{ waiting: { reason: 'InvalidImageName', message: 'no such name' } }],
    ends: ['failed'],
  },
} as const;
type Fate = keyof typeof fates;

/** A cluster with a kubelet, and a runner API with one task. */
async function startSurroundings(fate: Fate) {
  const kubernetes = new FakeKubernetesApi();
  const server = await kubernetes.start();
  const runner = new OneEndApi();
  runner.configuration = {
    task_id: 'task-1',
    docker: [{ image: 'a', auth: { username: 'u', password: 'p' } }],
  };
  const seen = new Map<string, number>();
  const kubelet = setInterval(() => {
    for (const name of kubernetes.names(podsPath)) {
      const pod = kubernetes.get(podsPath, name) as Pod | undefined;
      const count = seen.get(name) ?? 0;
      const state = fates[fate].states[count];
      // Without its Secret no container can be created.
      const isTask = name.startsWith('ccita-') && kubernetes.get(secretsPath, name) !== undefined;
      if (pod === undefined || state === undefined || !isTask) continue;
      seen.set(name, count + 1);
      const status = { phase: 'Running', containerStatuses: [{ name: 'container-0', state }] };
      const spec = { ...pod.spec, nodeName: 'node-a' };
      kubernetes.put(podsPath, { ...pod, spec, status } as StoredObject);
    }
  }, 2);
  onTestFinished(async () => {
    clearInterval(kubelet);
    await kubernetes.close();
  });
  for (const name of ['agent-1', 'agent-2']) {
    kubernetes.put(podsPath, { metadata: { name }, status: { phase: 'Running' } } as StoredObject);
  }
  const left = () =>
    [...kubernetes.names(podsPath), ...kubernetes.names(secretsPath)].filter((name) =>
      name.startsWith('ccita-'),
    );
  return { kubernetes, server, runner, pods: seen, left };
}

/** @returns whether the first controller lived long enough to be killed */
async function dieAndRecover(fate: Fate, death: Death, successor: 'itself' | 'another'): Promise<boolean> {
  const surroundings = await startSurroundings(fate);
  const { kubernetes, left, pods, runner } = surroundings;
  const first = new MortalController(surroundings, 'agent-1', death);
  await first.runTask();
  const wasKilled = first.isDead;
  await first.end();
  const isRecorded = kubernetes.names(secretsPath).length > 0;
  if (successor === 'another') kubernetes.remove(podsPath, 'agent-1');
  const second = new MortalController(surroundings, successor === 'itself' ? 'agent-1' : 'agent-2');
  await second.sweep();
  await second.sweep();
  await second.end();
  // A claim of which there is no record yet is lost until the runner API's own time is over.
  const ends = pods.size > 0 ? fates[fate].ends : isRecorded ? ['handed back'] : [];
  expect({ ...death, ends: runner.ends, left: left(), pods: pods.size <= 1 }).toEqual({
    ...{ ...death, ends, left: [], pods: true },
  });
  return wasKilled;
}

describe.each(Object.keys(fates) as Fate[])('a task %s', (fate) => {
  test.each(['itself', 'another'] as const)(
    'is reported once and leaves nothing, wherever its controller dies and %s comes after',
    async (successor) => {
      let deaths = 0;
      for (const hasEffect of [false, true]) {
        for (let at = 1; await dieAndRecover(fate, { at, hasEffect }, successor); at++) deaths++;
      }
      expect(deaths).toBeGreaterThanOrEqual(14);
    },
  );
});
