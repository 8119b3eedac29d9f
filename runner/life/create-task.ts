import { isMissingRight } from '../../clients/kubernetes/kubernetes-error.ts';
import { delay } from '../../internal/delay.ts';
import { NotCreatedError } from '../objects/create-object.ts';
import { buildPod } from '../pod/build-pod.ts';
import type { PodPlan, SshEndpoint } from '../pod/pod-plan.ts';
import { NoSshPortError, type SshPorts } from '../ssh/ssh-ports.ts';
import type { KnownPod } from '../verdict/known-pod.ts';
import { createTaskObjects } from './create-task-objects.ts';
import { resolveClash } from './resolve-clash.ts';
import type { TaskContext } from './task-context.ts';
import type { TaskLife } from './task-life.ts';
import type { TaskRecord } from './task-record.ts';

/** How long a task waits for a free SSH port, ms. The wait is short because there is no record of the task yet. */
const sshPatienceMs = 60_000;
const sshPauseMs = 5000;

/**
 * Creates the Secrets and the Pod of a task. The Pod has an SSH port if the job asks for one.
 *
 * @throws NotCreatedError, PodStoppedError, TaskGoneError, or the signal's reason
 */
export async function createTask(
  plan: PodPlan,
  record: TaskRecord,
  life: TaskLife,
  signal: AbortSignal,
): Promise<KnownPod> {
  const { context } = life;
  const create = async (planned: PodPlan) => {
    const { notes, pod } = buildPod(planned);
    for (const note of notes) life.tell(note);
    return await createTaskObjects(planned, pod, record, life, signal);
  };
  const { ssh: ports } = context;
  if (!plan.task.ssh) return await create(plan);
  if (ports === undefined) {
    life.tell('The job asks for SSH access, which is not enabled here: look at agent.ssh of the chart.');
    return await create(plan);
  }
  const ssh = await reserve(ports, context, signal);
  try {
    const pod = await create({ ...plan, ssh });
    const findPort = async () => ((await ports.hasOlderRival(ssh, pod)) ? ssh.port : undefined);
    return await resolveClash(findPort, pod, context, signal);
  } finally {
    // From now on the Pod itself shows that the port is taken.
    ports.release(ssh);
  }
}

async function reserve(ports: SshPorts, { logger }: TaskContext, signal: AbortSignal): Promise<SshEndpoint> {
  const endMs = performance.now() + sshPatienceMs;
  for (;;) {
    try {
      return await ports.reserve();
    } catch (error) {
      if (!(error instanceof NoSshPortError)) throw error;
      logger.warn('a job that asks for SSH gets no port', { error });
      const mayPass = error.passing || isMissingRight(error.cause);
      if (!mayPass || performance.now() >= endMs) {
        const message = `The job asks for SSH access, but ${error.message}.`;
        throw new NotCreatedError(message, error.passing ? 'always' : 'never', { cause: error });
      }
    }
    await delay(sshPauseMs, signal);
    signal.throwIfAborted();
  }
}
