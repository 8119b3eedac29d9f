import { type JsonObject, objectsIn } from '../../internal/json.ts';
import { containerName, secretKeys, volumeNames } from '../names/names.ts';
import { containerEnvironment, secretVariable } from './environment.ts';
import { configVariable, healthPort, orchestratorCommand } from './orchestrator-interface.ts';
import { hasServices, type PodPlan } from './pod-plan.ts';

/** The timeouts are generous: a job that takes all the CPU delays an answer, but must not be killed for it. */
const livenessProbe: JsonObject = {
  httpGet: { path: '/live', port: healthPort },
  periodSeconds: 10,
  timeoutSeconds: 5,
  failureThreshold: 5,
};

/** The container of the job's own image. Its PID 1 is the orchestrator. */
export function buildPrimaryContainer(plan: PodPlan, template: JsonObject): JsonObject {
  const { platform, podName, task } = plan;
  const { args: _args, workingDir: _workingDir, ...rest } = template;
  const environment = containerEnvironment(plan, 0, template, [
    secretVariable(configVariable, podName, secretKeys.config),
  ]);
  const ports = [
    { name: 'health', containerPort: healthPort },
    ...(plan.ssh === undefined ? [] : [{ name: plan.ssh.portName, containerPort: plan.ssh.port }]),
  ];
  const readiness = { name: volumeNames.readiness, mountPath: platform.readiness, readOnly: true };
  return {
    livenessProbe,
    ...rest,
    name: containerName(0),
    image: task.docker[0]?.image ?? '',
    command: orchestratorCommand(plan, environment),
    ...(task.workingDirectory === undefined ? {} : { workingDir: task.workingDirectory }),
    env: environment,
    // A Pod with two ports of the same name is refused.
    ports: [
      ...objectsIn(template, 'ports').filter((port) => ports.every(({ name }) => name !== port.name)),
      ...ports,
    ],
    volumeMounts: [
      ...objectsIn(template, 'volumeMounts'),
      { name: volumeNames.binaries, mountPath: platform.binaries, readOnly: true },
      ...(hasServices(plan) ? [readiness] : []),
    ],
  };
}
