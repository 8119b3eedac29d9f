import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { buildPod } from './build-pod.ts';
import { sketchPlan } from './fixtures/plans.ts';
import { windows } from './platform.ts';

test('a job on Windows becomes this Pod', async () => {
  const spec = { tolerations: [{ key: 'os', operator: 'Exists' }], containers: [{ stdin: true }] };
  const plan = { ...sketchPlan({ resourceClass: { spec } }), platform: windows };
  await expect(stringify(buildPod(plan).pod)).toMatchFileSnapshot('golden/windows.yaml');
});

/** Kubernetes documentation, "Pods on Windows": the API server refuses them in a Pod whose `os` is Windows. */
const onlyOnLinux = [
  ...[
    'hostPID',
    'hostIPC',
    'hostUsers',
    'shareProcessNamespace',
    'fsGroup',
    'fsGroupChangePolicy',
    'sysctls',
  ],
  ...['seLinuxOptions', 'seccompProfile', 'appArmorProfile', 'supplementalGroups', 'runAsUser', 'runAsGroup'],
  ...['capabilities', 'readOnlyRootFilesystem', 'privileged', 'allowPrivilegeEscalation', 'procMount'],
];

test('we add no field to a Windows Pod that Windows refuses', () => {
  const docker = [
    { image: 'x', user: '1000' },
    { image: 'y', user: '1000' },
  ];
  const securityContext = { runAsNonRoot: true };
  const sketch = sketchPlan({ docker, resourceClass: { spec: { securityContext } } });
  const { pod } = buildPod({ ...sketch, platform: windows }) as unknown as { pod: Pod };
  for (const field of onlyOnLinux) expect(JSON.stringify(pod)).not.toContain(`"${field}":`);
  const service = pod.spec?.containers.find(({ name }) => name === 'container-1');
  expect(service?.securityContext).toEqual({ windowsOptions: { runAsUserName: '1000' } });
  const paths = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])].flatMap(
    ({ volumeMounts = [] }) => volumeMounts.map(({ mountPath }) => mountPath),
  );
  expect(paths.filter((path) => !path.startsWith('C:\\'))).toEqual([
    '/var/run/secrets/kubernetes.io/serviceaccount',
  ]);
});
