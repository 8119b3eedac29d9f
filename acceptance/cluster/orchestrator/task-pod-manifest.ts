import type { EnvVar, Pod, PodSpec, SecurityContext } from 'kubernetes-types/core/v1.d.ts';
import { images } from '../../../internal/dev/testing/cluster/images.ts';
import { keptAfterDeletion } from '../../../internal/dev/testing/cluster/pod.ts';

/** The folder in which init puts both programs. */
export const binaries = '/opt/circleci/bin';

/** The port of health checks. */
export const healthPort = 7623;

/** The requests and limits that the container runner's chart gives its init container. */
export const initResources = {
  requests: { cpu: '10m', memory: '32Mi' },
  limits: { cpu: '50m', memory: '64Mi' },
} as const;

/** The differences of a test's task Pod. */
export interface TaskPodContent {
  /** The Secret with the task's configuration. */
  readonly secret: string;
  /** The job's image. */
  readonly image: string;
  /** Flags of run-task. */
  readonly flags: readonly string[];
  /** Variables beside the configuration. */
  readonly environment: readonly EnvVar[];
  readonly graceSeconds: number;
  readonly labels: Readonly<Record<string, string>>;
}

/** The requirements of the Pod security standard of that name for a container, and a read-only root. */
const restricted: SecurityContext = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};

/**
 * A Pod like the container runner's: init with its limits, and run-task as PID 1 of the container `task`, with the
 * strictest security of Kubernetes. All containers may write to /shared.
 */
export function taskPod(content: TaskPodContent): Pod & { readonly spec: PodSpec } {
  const { secret, image, flags, environment, graceSeconds, labels } = content;
  return {
    metadata: { name: 'task', labels, finalizers: [keptAfterDeletion] },
    spec: {
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: graceSeconds,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 1000,
        runAsGroup: 1000,
        fsGroup: 1000,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      initContainers: [
        {
          name: 'init',
          image: images.runnerInit,
          resources: structuredClone(initResources),
          securityContext: structuredClone(restricted),
          volumeMounts: [{ name: 'binaries', mountPath: binaries }],
        },
      ],
      containers: [
        {
          name: 'task',
          image,
          command: [`${binaries}/orchestrator`, 'run-task'],
          args: [...flags],
          env: [
            { name: 'CIRCLECI_GOAT_CONFIG', valueFrom: { secretKeyRef: { name: secret, key: 'config' } } },
            ...environment,
          ],
          readinessProbe: {
            httpGet: { path: '/ready', port: healthPort },
            periodSeconds: 1,
            timeoutSeconds: 5,
          },
          resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '256Mi' } },
          securityContext: structuredClone(restricted),
          volumeMounts: [
            { name: 'binaries', mountPath: binaries, readOnly: true },
            { name: 'shared', mountPath: '/shared' },
          ],
        },
      ],
      volumes: [
        { name: 'binaries', emptyDir: {} },
        { name: 'shared', emptyDir: {} },
      ],
    },
  };
}
