import { expect, test } from 'vitest';
import type { PodRecord } from '../../fake-kubelet/pod-record.ts';
import { goodStory } from '../../fake-kubelet/story.ts';
import type { RecordedReport } from '../../runner-api/queue/recorded-queue.ts';
import { judgeStory, type ObservedClaim, type ObservedTask } from './judge.ts';

const waiting: PodRecord = {
  ...{ name: 'pod', uid: 'uid', taskId: 'task-0', allocation: 'a', story: goodStory(1), seenMs: 1500 },
};
const pod = (change: Partial<PodRecord> = {}): PodRecord => ({
  ...{ ...waiting, startedMs: 2000, endedMs: 3000, end: 'exit 0' },
  ...change,
});
const report = (change: Partial<RecordedReport> = {}): RecordedReport => ({
  ...{ atMs: 4000, what: 'failure', by: 'controller', taken: true, heard: true },
  ...change,
});
const claim = (change: Partial<ObservedClaim> = {}): ObservedClaim => ({
  ...{ allocation: 'a', claim: { atMs: 1000, runner: 'r', lost: false }, reports: [], pods: [] },
  lastStepMs: 0,
  ...change,
});
const task = (claims: ObservedClaim[], change: Partial<ObservedTask> = {}): ObservedTask => ({
  ...{ state: 'failed', retriesLeft: 3, unsafeRetries: false, claims },
  ...change,
});
const success = report({ what: 'success', by: 'orchestrator', atMs: 3000 });
const failedPod = pod({ end: 'failed' });
const handBack = report({ what: 'hand-back' });
const nobody = new Map<string, number[]>();

test.each<[title: string, observed: ObservedTask]>([
  [
    'its orchestrator has reported',
    task([claim({ pods: [pod()], reports: [success] })], { state: 'succeeded' }),
  ],
  ['its Pod failed, and that was told once', task([claim({ pods: [failedPod], reports: [report()] })])],
  [
    'it never ran, and was handed back',
    task([claim({ reports: [handBack] }), claim({ reports: [report()] })], { retriesLeft: 0 }),
  ],
  [
    'nobody has heard of the claim',
    task([claim({ claim: { atMs: 1, runner: 'r', lost: true } })], { state: 'claimed' }),
  ],
  [
    'a report whose answer was lost is made again',
    task([
      claim({ pods: [failedPod], reports: [report({ heard: false }), report({ atMs: 5000, taken: false })] }),
    ]),
  ],
  [
    'it can never start',
    task([
      claim({ pods: [{ ...waiting, story: { ...goodStory(1), isHopeless: true } }], reports: [report()] }),
    ]),
  ],
  [
    'the Pod of a lost node may run on',
    task([claim({ pods: [pod({ end: 'lost', endedMs: 9000 })], reports: [report()] })]),
  ],
])('nothing is wrong with a task when %s', (_, observed) => {
  expect(judgeStory(observed, nobody)).toEqual([]);
});

test.each<[problem: string, observed: ObservedTask]>([
  ['it is claimed for ever', task([claim({ pods: [failedPod] })], { state: 'claimed' })],
  ['it is queued for ever', task([], { state: 'queued' })],
  ['one claim had 2 Pods', task([claim({ pods: [pod(), pod({ startedMs: 3500, endedMs: 3600 })] })])],
  [
    'the failure came while its Pod ran',
    task([claim({ pods: [pod({ endedMs: 5000 })], reports: [report()] })]),
  ],
  [
    'the failure came although its orchestrator had ended well',
    task([claim({ pods: [pod()], reports: [report()] })]),
  ],
  [
    'its Pod started after the failure',
    task([claim({ pods: [pod({ startedMs: 4500, endedMs: 4600 })], reports: [report()] })]),
  ],
  [
    'it was handed back although steps may have run',
    task([claim({ pods: [failedPod], reports: [handBack] })]),
  ],
  [
    'a failure followed the failure',
    task([claim({ pods: [failedPod], reports: [report(), report({ atMs: 5000, taken: false })] })]),
  ],
  [
    'its step went on after the failure',
    task([claim({ pods: [failedPod], reports: [report()], lastStepMs: 4001 })]),
  ],
  ['it failed although no step can have run', task([claim({ reports: [report()] })])],
  ['it failed although no step can have run', task([claim({ pods: [waiting], reports: [report()] })])],
  [
    'second ran while first did',
    task([
      claim({ pods: [pod({ name: 'first' })] }),
      claim({ pods: [pod({ name: 'second', startedMs: 2500 })] }),
    ]),
  ],
])('finds that %s', (problem, observed) => {
  expect(judgeStory(observed, nobody)).toEqual([problem]);
});

test.each([
  { of: 'r', atMs: 2000, forgiven: true },
  { of: 'r', atMs: 900, forgiven: true },
  { of: 'r', atMs: -5500, forgiven: false },
  { of: 'another', atMs: 2000, forgiven: false },
])('forgives a claim without a record: $forgiven when $of died at $atMs', ({ atMs, forgiven, of }) => {
  const problems = judgeStory(task([claim()], { state: 'claimed' }), new Map([[of, [atMs]]]));
  expect(problems).toEqual(forgiven ? [] : ['it is claimed for ever']);
});
