import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { expect, test } from 'vitest';
import { buildPod } from './build-pod.ts';
import { podOf, sketchPlan } from './fixtures/plans.ts';

test('a service can be reached by its name', () => {
  const docker = [{ image: 'x' }, { image: 'y', name: 'db' }];
  expect(podOf({ docker }).spec?.hostAliases).toEqual([{ ip: '127.0.0.1', hostnames: ['db'] }]);
});

test.each(['my_db', 'DB', '-db', 'a'.repeat(254)])(
  'the name %s, which Kubernetes refuses, is left out, and the task’s owner is told',
  (name) => {
    const plan = sketchPlan({
      docker: [
        { image: 'x', name: 'app.local' },
        { image: 'y', name },
      ],
    });
    const { notes, pod } = buildPod(plan) as unknown as { notes: string[]; pod: Pod };
    expect(pod.spec?.hostAliases).toEqual([{ ip: '127.0.0.1', hostnames: ['app.local'] }]);
    expect(notes).toEqual([expect.stringContaining(`No container can be reached as ${name}:`)]);
  },
);

test.each([
  [{ HTTPS_PROXY: 'http://user:password@Proxy.example.com:3128' }],
  [{ https_proxy: 'proxy.example.com' }],
])('a container with the name of the proxy does not get its password: %j', (proxy) => {
  const docker = [{ image: 'x' }, { image: 'y', name: 'proxy.example.com' }];
  const { notes, pod } = buildPod(sketchPlan({ docker, settings: { proxy } }));
  expect(notes).toEqual([
    'No container can be reached as proxy.example.com: that is the proxy. All of them can be reached as localhost.',
  ]);
  expect((pod as unknown as Pod).spec).not.toHaveProperty('hostAliases.0');
});

test('a container with the name of the runner API does not redirect calls to it', () => {
  const docker = [{ image: 'x' }, { image: 'y', name: 'runner.example.com' }, { image: 'z', name: 'db' }];
  const { notes, pod } = buildPod(sketchPlan({ docker }));
  expect(notes).toEqual([
    'No container can be reached as runner.example.com: that is the runner API. All of them can be reached as localhost.',
  ]);
  expect((pod as unknown as Pod).spec?.hostAliases).toEqual([{ ip: '127.0.0.1', hostnames: ['db'] }]);
});
