import { expect, test } from 'vitest';
import { images } from '../../../internal/dev/testing/cluster/images.ts';
import { readLog } from '../../../internal/dev/testing/cluster/pod.ts';
import { TestController } from './controller.ts';

test('Pods are kept for the configured time, with logs without tokens', async () => {
  await using controller = await TestController.start({
    variables: {
      KUBE_DISABLE_POD_DELETION_ON_TASK_CLEANUP: 'true',
      KUBE_GC_INTERVAL: '2s',
      KUBE_GC_THRESHOLD: '30s',
    },
  });
  const service = { image: images.busybox, command: ['sh', '-c', 'echo hello; sleep 1'] };
  const task = controller.submit({ agent: ['stderr=no%20luck', 'exit=3'], services: [service] });
  await controller.logged('the end', ({ msg }) => msg === 'service-work');
  const name = await task.podName();
  const containers = ['container-agent-init', 'container-0', 'container-1', 'container-agent-logs'];
  const logs = await Promise.all(containers.map((container) => readLog(name, container)));
  expect(logs.every((log) => log !== '')).toBe(true);
  expect(logs.join('\n')).not.toContain(task.view.claims[0]?.token);
  expect(await task.ended()).toMatchObject({ calls: ['fail'] });
});
