import { expect, test } from 'vitest';
import { images } from '../../../internal/dev/testing/cluster/images.ts';
import { TestController } from './controller.ts';
import { linux } from './install-controller.ts';

/** The fields that the Pod security standard `restricted` requires of a class. The controller adds the others. */
const restricted = {
  spec: {
    securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [{ securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } }],
  },
};

const limitRange = {
  apiVersion: 'v1',
  kind: 'LimitRange',
  metadata: { name: 'limits' },
  spec: {
    limits: [
      {
        type: 'Container',
        default: { cpu: '400m', memory: '300Mi' },
        defaultRequest: { cpu: '11m', memory: '33Mi' },
        max: { cpu: '2', memory: '1Gi' },
      },
    ],
  },
};

test('a task with a service runs under the strictest Pod security, and its lifecycle shows the LimitRange', async () => {
  await using controller = await TestController.start({
    podSecurity: 'restricted',
    classes: { [linux]: restricted },
    objects: [limitRange],
  });
  const service = { image: images.busybox, command: ['sh', '-c', 'id -u; exec sleep 600'] };
  const task = controller.submit({ agent: ['say=hello'], services: [service] });
  const { calls, lifecycle } = await task.ended();
  expect(calls).toEqual([]);
  expect(task.step(97)?.output).toBe('1000\n');
  const limited = /container-0 .*requests cpu=11m, memory=33Mi, limits cpu=400m, memory=300Mi/;
  expect(lifecycle).toMatch(limited);
});
