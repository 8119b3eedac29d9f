import { expect, test } from 'vitest';
import { Environment } from '../../internal/environment.ts';
import { readResourceClasses } from '../classes/read-resource-classes.ts';
import { readControllerSettings } from './controller-settings.ts';
import { podSettings } from './pod-settings.ts';

function podSettingsOf(variables: Readonly<Record<string, string>>) {
  const { settings } = readControllerSettings(Environment.fromObject(variables));
  return podSettings(settings, readResourceClasses('').classes, {
    namespace: 'ci',
    hostname: 'agent-0',
    proxy: {},
  });
}

test.each([
  [{}, 'circleci/runner-init:agent'],
  [{ KUBE_RUNNER_INIT_IMAGE: 'mirror:5000/init@sha256:12' }, 'mirror:5000/init@sha256:12'],
  [{ DEBUG_RUNNER_INIT_VERSION: 'test-1' }, 'circleci/runner-init:test-1'],
  [{ KUBE_RUNNER_INIT_IMAGE: 'mirror:5000/init', DEBUG_RUNNER_INIT_VERSION: 'v2' }, 'mirror:5000/init:v2'],
  [{ KUBE_RUNNER_INIT_IMAGE: 'mirror:5000/init:v1', DEBUG_RUNNER_INIT_VERSION: 'v2' }, 'mirror:5000/init:v2'],
  [{ KUBE_RUNNER_INIT_IMAGE: 'm/init:v1@sha256:12', DEBUG_RUNNER_INIT_VERSION: 'v2' }, 'm/init:v2'],
])('%j: the init container has the image %s', (variables, image) => {
  expect(podSettingsOf(variables).initImage).toBe(image);
});

test('Pods are of the instance that the chart names, or else of this host', () => {
  expect(podSettingsOf({ KUBE_CONTAINER_AGENT_INSTANCE: 'agent-7' }).instance).toBe('agent-7');
  expect(podSettingsOf({}).instance).toBe('agent-0');
});
