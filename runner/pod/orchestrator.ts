import { parseGoDuration } from '../../internal/duration.ts';
import { type JsonObject, objectsIn } from '../json.ts';
import { hasServices, type PodPlan } from './pod-plan.ts';

/*
 * What this program knows of the orchestrator, the other program of this repository: the fields of its configuration
 * and its variables (docs/orchestrator/configuration.md).
 */

/** The port of its health checks. */
export const healthPort = 7623;
export const configVariable = 'CIRCLECI_GOAT_CONFIG';
const entrypointVariable = 'CIRCLECI_GOAT_ENTRYPOINT';
const gracePeriodVariable = 'CIRCLECI_GOAT_TERMINATION_GRACE_PERIOD';
const shutdownDelayVariable = 'CIRCLECI_GOAT_SHUTDOWN_DELAY';

const defaultGracePeriodMs = 10_000;
/** SIGTERM and SIGKILL to the task have two seconds each. */
const killMs = 4000;
/** For the report to the runner API, should it be slow. */
const reportMs = 60_000;

/** The orchestrator's configuration for a task, as JSON. It holds the task's token. */
export function orchestratorConfig(plan: PodPlan): string {
  const { claim, platform, resourceClass, settings, task } = plan;
  const [primary] = task.docker;
  const limitNs = BigInt(Math.round(settings.maxRunTimeMs * 1e6));
  const maxRunTimeNs =
    task.maxRunTimeNs !== undefined && task.maxRunTimeNs < limitNs ? task.maxRunTimeNs : limitNs;
  return JSON.stringify({
    cmd: [...(primary?.entrypoint ?? []), ...(primary?.command ?? [])],
    user: primary?.user ?? '',
    task_id: task.taskId,
    token: claim.token,
    readiness_file_path: hasServices(plan) ? platform.readinessFile : '',
    enable_unsafe_retries: resourceClass.unsafeRetries,
    task_agent_path: platform.taskAgent,
    runner_api_base_url: settings.runnerApiUrl,
    allocation: claim.allocation,
    ssh_advertise_addr: plan.ssh?.advertiseAddress ?? '',
    max_run_time: Number(maxRunTimeNs),
  });
}

/** The command of the primary container: with an entrypoint of the image's own the orchestrator is started by that. */
export function orchestratorCommand(plan: PodPlan, environment: readonly JsonObject[]): string[] {
  const overridden = environment.some(({ name }) => name === entrypointVariable);
  return [plan.platform.orchestrator, overridden ? 'override' : 'run-task'];
}

/** How long a Pod needs to end in order, in s: what the orchestrator grants its task, and then takes to report. */
export function terminationGracePeriodSeconds(template: JsonObject): number {
  const gracePeriodMs = durationIn(template, gracePeriodVariable, defaultGracePeriodMs);
  const shutdownDelayMs = durationIn(template, shutdownDelayVariable, 0);
  return Math.ceil((gracePeriodMs + shutdownDelayMs + killMs + reportMs) / 1000);
}

function durationIn(template: JsonObject, name: string, fallbackMs: number): number {
  const value = objectsIn(template, 'env').findLast((variable) => variable.name === name)?.value;
  if (typeof value !== 'string' || value === '') return fallbackMs;
  try {
    return parseGoDuration(value);
  } catch {
    // The orchestrator itself says that it is wrong.
    return fallbackMs;
  }
}
