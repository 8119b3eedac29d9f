import type { PodSpec, Probe } from 'kubernetes-types/core/v1.d.ts';
import { expect, test } from 'vitest';
import { nodeName } from '../../../internal/dev/cluster/addresses.ts';
import { callApiServer } from '../../../internal/dev/cluster/api-server.ts';
import { images } from '../../../internal/dev/testing/cluster/images.ts';
import { containerStatus, type PodName, waitUntilReady } from '../../../internal/dev/testing/cluster/pod.ts';
import { waitFor } from '../../../internal/dev/testing/wait-for.ts';
import { TaskPod } from './task-pod.ts';
import { healthPort } from './task-pod-manifest.ts';

/** As docs/orchestrator/kubernetes.md recommends, but more frequent. */
const liveness: Probe = {
  httpGet: { path: '/live', port: healthPort },
  periodSeconds: 1,
  timeoutSeconds: 5,
  failureThreshold: 5,
};

function probeWith(livenessProbe: Probe) {
  return ({ containers: [container] }: PodSpec) => void Object.assign(container ?? {}, { livenessProbe });
}

/** The number of a Pod's successful liveness probes, as counted by the kubelet. */
async function countSuccesses({ namespace, name }: PodName): Promise<number> {
  const metrics = await callApiServer(`/api/v1/nodes/${nodeName}/proxy/metrics/probes`);
  const line = metrics.split('\n').find((it) => {
    const labels = [
      `namespace="${namespace}"`,
      `pod="${name}"`,
      'probe_type="Liveness"',
      'result="successful"',
    ];
    return it.startsWith('prober_probe_total') && labels.every((label) => it.includes(label));
  });
  return Number(line?.split(' ').at(-1) ?? 0);
}

test('a container is ready before its readiness file exists, and its agent starts after that', async () => {
  const fields = { readiness_file_path: '/shared/ready' };
  await using task = await TaskPod.create({
    fields,
    agent: ['say=the%20agent%20runs'],
    adjust: probeWith(liveness),
  });
  await waitUntilReady(task.name, 'task');
  const begin = await countSuccesses(task.name);
  await waitFor('another probe', async () => (await countSuccesses(task.name)) > begin);
  expect(await task.log()).not.toContain('the agent runs');
  await task.touch('ready');
  await task.printed(/the agent runs/);
  expect(await task.finish()).toMatchObject({ end: { exitCode: 0 }, calls: [], left: [] });
});

test('a task whose job uses all of the CPU stays live and ready for the kubelet', async () => {
  const busy = Array.from({ length: 4 }, () => 'fork exec /bin/busybox md5sum /dev/zero end');
  await using task = await TaskPod.create({
    image: images.busybox,
    agent: [...busy, 'say=the%20agent%20runs', 'wait-file=/shared/end'],
    adjust: (spec) => {
      probeWith(liveness)(spec);
      const [container] = spec.containers;
      Object.assign(container?.resources?.limits ?? {}, { cpu: '500m' });
    },
  });
  await task.printed(/the agent runs/);
  await waitFor('ten probes', async () => (await countSuccesses(task.name)) >= 10);
  const before = containerStatus(await task.read(), 'task');
  expect(before).toMatchObject({ ready: true, restartCount: 0 });
  await task.touch('end');
  expect(await task.finish()).toMatchObject({ end: { exitCode: 0 }, calls: [], left: [] });
});
