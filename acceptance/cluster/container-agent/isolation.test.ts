import type { Secret } from 'kubernetes-types/core/v1.d.ts';
import { expect, test } from 'vitest';
import { callApiServer } from '../../../internal/dev/cluster/api-server.ts';
import { names } from '../../../internal/dev/testing/cluster/controller-manifest.ts';
import { images } from '../../../internal/dev/testing/cluster/images.ts';
import { execInPod } from '../../../internal/dev/testing/cluster/pod.ts';
import { TestController } from './controller.ts';
import { linux, smallClass } from './install-controller.ts';

/* A job searches as root, in its own container or in that of a service, for processes and credentials of others. */

const sharing = 'acme/sharing';

/** Shows all visible processes, and the places where a Pod has credentials. */
const search = `
  for process in /proc/[0-9]*; do
    echo "process $(cat $process/comm)"
    tr '\\0' '\\n' < $process/environ
    tr '\\0' ' ' < $process/cmdline
    head -c 100000 $process/mem
    cat $process/root/var/run/secrets/kubernetes.io/serviceaccount/token
    ls $process/fd $process/cwd/
  done
  ls -lR /var/run/secrets /run/secrets /opt/circleci
  echo searched
`;

/** Returns what is found in a container of a task of the class, and what a service must not find. */
async function letSearch(
  controller: TestController,
  resourceClass: string,
  container: 'container-0' | 'container-1',
) {
  const service = {
    image: images.busybox,
    command: ['sleep', '600'],
    environment: { OWN: 'variable-of-the-service' },
    user: '0',
  };
  const task = controller.submit({
    resourceClass,
    image: images.busybox,
    services: [service],
    job: { environment: { OTHER: 'variable-of-the-primary' }, user: '0' },
    agent: ['say=the%20agent%20runs', 'forever'],
  });
  await task.printed(/the agent runs/);
  const found = await execInPod(await task.podName(), container, ['sh', '-c', `(${search}) 2>&1`]);
  const path = `/api/v1/namespaces/${controller.namespace}/secrets/${names.collector}-token`;
  const { data = {} }: Secret = JSON.parse(await callApiServer(path));
  const ofLogging = Buffer.from(data.token ?? '', 'base64').toString('utf8');
  expect(ofLogging).not.toBe('');
  const tokens = task.view.claims.map(({ token }) => token);
  return { found, ofLogging, ofTask: [...tokens, 'variable-of-the-primary'] };
}

test('a service only sees its own processes, and finds no credentials', async () => {
  await using controller = await TestController.start();
  const { found, ofLogging, ofTask } = await letSearch(controller, linux, 'container-1');
  expect(found).toMatch(/variable-of-the-service.*searched/s);
  expect(found).not.toMatch(/process (orchestrator|container-agent|circleci-agent)/);
  for (const secret of [ofLogging, ...ofTask]) expect(found).not.toContain(secret);
});

test('a job only sees the processes of its container, and finds no credentials but its own', async () => {
  await using controller = await TestController.start();
  const { found, ofLogging } = await letSearch(controller, linux, 'container-0');
  expect(found).toMatch(/process orchestrator.*searched/s);
  expect(found).not.toMatch(/process (container-agent|sleep)/);
  for (const secret of [ofLogging, 'variable-of-the-service']) expect(found).not.toContain(secret);
  // A service account's token is a JSON Web Token.
  expect(found).not.toMatch(/eyJ[\w-]+\.eyJ/);
});

test('if a class shares the process namespace, a service cannot look into our processes', async () => {
  const spec = { ...smallClass.spec, shareProcessNamespace: true };
  await using controller = await TestController.start({
    classes: { [linux]: smallClass, [sharing]: { spec } },
  });
  const { found, ofLogging } = await letSearch(controller, sharing, 'container-1');
  for (const program of ['orchestrator', 'container-agent']) {
    const closed = new RegExp(
      `process ${program}\\n[^\\n]*/environ: Permission denied\\n[^\\n]*/mem: Permission denied`,
    );
    expect(found).toMatch(closed);
  }
  // The job's own processes are open to each other.
  expect(found).toContain('variable-of-the-primary');
  expect(found).not.toContain(ofLogging);
});
