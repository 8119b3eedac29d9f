import { hostname } from 'node:os';
import { trimMemory } from '#platform/internal/syscall/this-process';
import { commit, version } from '../../internal/version.ts';
import { waitForEnds } from '../../runner/controller/controller.ts';
import { giveBackMemory } from '../../runner/controller/give-back-memory.ts';
import { assemble } from './assemble.ts';
import { type ControllerStart, createControllerContext } from './controller-context.ts';
import { serveHealth } from './serve-health.ts';

/**
 * Runs the controller until it is told to stop and its tasks have ended.
 *
 * @throws Failure, CredentialsError, ResourceClassesError or RunnerApiError if it cannot start
 */
export async function runController(start: ControllerStart): Promise<void> {
  const { logger, settings, stop } = start;
  logger.info('starting container-agent', { version, commit, hostname: hostname() });
  const over = new AbortController();
  const context = await createControllerContext(start, over.signal);
  const { api, client, cluster, file, metrics, tokens } = context;
  const { checker, controller, readiness } = assemble(context);
  const health = await serveHealth(settings.RUNNER_HEALTH_ADDR, readiness, metrics);
  logger.info('health checks and metrics are served', { address: health.address });
  await tokens.refresh(stop.draining);
  const beside = [
    file.follow(stop.draining),
    giveBackMemory(() => controller.tasks, trimMemory, over.signal),
  ];
  if (settings.CHECK_ENABLED) beside.push(checker.run(settings.CHECK_INTERVAL, stop.draining));
  await controller.run(stop.draining, stop.ending);
  over.abort();
  await waitForEnds([...beside, cluster.ended()]);
  health.close();
  await Promise.all([api.close(), client.close()]);
  logger.info('container-agent ends', { 'tasks.left': controller.tasks });
}
