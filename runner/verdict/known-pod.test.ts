import type { Event, Pod } from 'kubernetes-types/core/v1.d.ts';
import { expect, test } from 'vitest';
import { describePod } from '../steps/describe-pod.ts';
import { knownEvent, knownPod } from './known-pod.ts';

const labels = { 'app.kubernetes.io/managed-by': 'circleci-container-agent' };
const state = { terminated: { exitCode: 1, message: 'its last words' } };

/** A Pod as the API server sends it, with fields that this program does not read. */
const sent: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    ...{ name: 'pod', namespace: 'runner', uid: 'uid-1', resourceVersion: '7', labels },
    annotations: { 'app.circleci.com/task-id': 'task-1' },
    ...{ creationTimestamp: '2026-01-01T00:00:00Z', deletionTimestamp: '2026-01-01T00:01:00Z' },
    deletionGracePeriodSeconds: 30,
    managedFields: [{ manager: 'kubelet', fieldsV1: { 'f:status': {} } }],
  },
  spec: {
    ...{ nodeName: 'node-1', terminationGracePeriodSeconds: 60, schedulerName: 'default-scheduler' },
    activeDeadlineSeconds: 3600,
    volumes: [{ name: 'scratch', emptyDir: {} }],
    initContainers: [{ name: 'sidecar', image: 'proxy', restartPolicy: 'Always', command: ['proxy'] }],
    containers: [
      {
        ...{ name: 'container-0', image: 'cimg/base', command: ['run'] },
        env: [{ name: 'TOKEN', value: 'a secret' }],
        ports: [{ name: 'ssh-1', containerPort: 54_782 }],
        resources: { requests: { cpu: '1' }, limits: { memory: '1Gi' } },
        livenessProbe: { failureThreshold: 5, exec: { command: ['true'] } },
      },
    ],
  },
  status: {
    ...{
      phase: 'Failed',
      reason: 'Evicted',
      message: 'the node was full',
      podIP: '10.0.0.1',
      hostIP: '10.0.0.2',
    },
    conditions: [
      {
        type: 'PodScheduled',
        status: 'True',
        reason: 'r',
        message: 'm',
        lastTransitionTime: '2026-01-01T00:00:00Z',
      },
    ],
    initContainerStatuses: [{ name: 'sidecar', image: 'proxy', imageID: 'id', ready: true, restartCount: 1 }],
    containerStatuses: [
      {
        ...{ name: 'container-0', image: 'cimg/base', imageID: 'id', ready: false, restartCount: 0 },
        ...{ state, lastState: state, containerID: 'containerd://1' },
      },
    ],
  },
};

test('only the fields of a Pod that are read are kept', () => {
  expect(knownPod(sent)).toEqual({
    metadata: {
      ...{ name: 'pod', namespace: 'runner', uid: 'uid-1', resourceVersion: '7', labels },
      annotations: { 'app.circleci.com/task-id': 'task-1' },
      ...{ creationTimestamp: '2026-01-01T00:00:00Z', deletionTimestamp: '2026-01-01T00:01:00Z' },
      deletionGracePeriodSeconds: 30,
    },
    spec: {
      ...{ nodeName: 'node-1', terminationGracePeriodSeconds: 60, activeDeadlineSeconds: 3600 },
      initContainers: [{ name: 'sidecar', image: 'proxy', restartPolicy: 'Always' }],
      containers: [
        {
          ...{ name: 'container-0', image: 'cimg/base' },
          env: [{ name: 'TOKEN' }],
          ports: [{ name: 'ssh-1' }],
          resources: { requests: { cpu: '1' }, limits: { memory: '1Gi' } },
          livenessProbe: { failureThreshold: 5 },
        },
      ],
    },
    status: {
      ...{ phase: 'Failed', reason: 'Evicted', message: 'the node was full', podIP: '10.0.0.1' },
      conditions: [{ type: 'PodScheduled', status: 'True', reason: 'r', message: 'm' }],
      initContainerStatuses: [{ name: 'sidecar', ready: true }],
      containerStatuses: [{ name: 'container-0', ready: false, state, lastState: state }],
    },
  });
});

test('a Pod with few fields gets no additional ones', () => {
  const pod = { metadata: { name: 'pod' }, spec: { containers: [{ name: 'container-0' }] } };
  expect(knownPod(pod)).toStrictEqual(pod);
  expect(knownPod({})).toStrictEqual({});
});

test('a Pod is described as before', () => {
  expect(describePod(knownPod(sent), [])).toEqual(describePod(sent, []));
});

test('only the fields of an event that are read are kept', () => {
  const told = { type: 'Warning', reason: 'Failed', message: 'Failed to pull image', count: 3 };
  const about = { name: 'pod', uid: 'uid-1', fieldPath: 'spec.containers{container-0}' };
  const event: Event = {
    ...told,
    metadata: { name: 'pod.1', uid: 'uid-2', resourceVersion: '8', namespace: 'runner', managedFields: [{}] },
    involvedObject: { ...about, kind: 'Pod', apiVersion: 'v1' },
    source: { component: 'kubelet' },
    firstTimestamp: '2026-01-01T00:00:00Z',
  };
  expect(knownEvent(event)).toEqual({
    ...told,
    metadata: { name: 'pod.1', uid: 'uid-2', resourceVersion: '8' },
    involvedObject: about,
  });
});

test('a malformed object stays as it is', () => {
  const pod = { metadata: { name: 'pod' }, spec: { containers: 'none' } } as unknown as Pod;
  expect(knownPod(pod)).toBe(pod);
  const event = { metadata: { name: 'pod.1' } } as Event;
  expect(knownEvent(event)).toBe(event);
});
