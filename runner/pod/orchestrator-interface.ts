import { parseGoDuration } from '../../internal/duration.ts';
import { type JsonObject, objectsIn } from '../../internal/json.ts';
import { hasServices, type PodPlan } from './pod-plan.ts';

/*
 * The interface to the orchestrator, the other program of this repository: the fields of its configuration and its
 * variables (docs/orchestrator/configuration.md).
 */

/** The port of its health checks. */
export const healthPort = 7623;
export const configVariable = 'CIRCLECI_GOAT_CONFIG';
const entrypointVariable = 'CIRCLECI_GOAT_ENTRYPOINT';
const gracePeriodVariable = 'CIRCLECI_GOAT_TERMINATION_GRACE_PERIOD';
const shutdownDelayVariable = 'CIRCLECI_GOAT_SHUTDOWN_DELAY';

const defaultGracePeriodMs = 10_000;
/** The orchestrator waits two seconds each after SIGTERM and SIGKILL to the task. */
const terminateAndKillMs = 4000;
/** The time for the report to a slow runner API. If the orchestrator needs longer, the controller reports in its place. */
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

/** The command of the primary container. If the image's own entrypoint is used, it starts the orchestrator. */
export function orchestratorCommand(plan: PodPlan, environment: readonly JsonObject[]): string[] {
  const overridden = environment.some(({ name }) => name === entrypointVariable);
  return [plan.platform.orchestrator, overridden ? 'override' : 'run-task'];
}

/** The time a Pod needs for an orderly end, in s: the grace period of the task, and the time for the report. */
export function terminationGracePeriodSeconds(template: JsonObject): number {
  const gracePeriodMs = durationIn(template, gracePeriodVariable, defaultGracePeriodMs);
  const shutdownDelayMs = durationIn(template, shutdownDelayVariable, 0);
  return Math.ceil((gracePeriodMs + shutdownDelayMs + terminateAndKillMs + reportMs) / 1000);
}

function durationIn(template: JsonObject, name: string, fallbackMs: number): number {
  const value = objectsIn(template, 'env').findLast((variable) => variable.name === name)?.value;
  if (typeof value !== 'string' || value === '') return fallbackMs;
  try {
    const ms = parseGoDuration(value);
    if (ms >= 0) return ms;
  } catch {
    // Like a negative duration, this is a mistake that the orchestrator itself reports.
  }
  return fallbackMs;
}
