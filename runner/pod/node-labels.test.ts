import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { expect, test } from 'vitest';
import { buildPod } from './build-pod.ts';
import { sketchPlan } from './fixtures/plans.ts';
import { linux, windows } from './platform.ts';

test.each([
  ['nodes of one kind', { systems: false, architectures: false }, 'init:1-amd64', undefined],
  [
    'nodes of two systems',
    { systems: true, architectures: false },
    'init:1',
    { 'kubernetes.io/os': 'linux' },
  ],
  [
    'nodes of two architectures and an image for all',
    { systems: false, architectures: true },
    'init:1',
    undefined,
  ],
  [
    'nodes of two architectures and an image for one',
    { systems: false, architectures: true },
    'host:5000/init:1-arm64@sha256:12',
    { 'kubernetes.io/arch': 'arm64' },
  ],
])('with %s the Pod goes where the init container runs', (_case, mixed, initImage, nodeSelector) => {
  const plan = { ...sketchPlan({ settings: { initImage } }), platform: { ...linux, mixed } };
  const { pod } = buildPod(plan) as unknown as { pod: Pod };
  expect(pod.spec?.nodeSelector).toEqual(nodeSelector);
});

test.each([
  ['what it names', {}, { 'kubernetes.io/os': 'windows' }, { name: 'windows' }],
  [
    'those of its template',
    { os: null, nodeSelector: { 'kubernetes.io/os': 'windows', pool: 'a' } },
    { 'kubernetes.io/os': 'windows', pool: 'a' },
    null,
  ],
])('a Windows Pod goes to a Windows node by %s', (_case, spec, nodeSelector, os) => {
  const plan = { ...sketchPlan({ resourceClass: { spec } }), platform: windows };
  expect(buildPod(plan).pod).toMatchObject({ spec: { nodeSelector, os } });
});
