import { hostname, networkInterfaces } from 'node:os';
import { trimMemory } from '#platform/internal/syscall/this-process';
import type { Environment } from '../../internal/environment.ts';
import type { SecretMask } from '../../internal/secrets/secret-mask.ts';
import { commit, version } from '../../internal/version.ts';
import { ClaimRecord } from '../../runner/claims/claim-record.ts';
import { ClassPauses } from '../../runner/claims/class-pauses.ts';
import { ownAddress } from '../../runner/claims/own-address.ts';
import { Slots } from '../../runner/claims/slots.ts';
import { dottedName, emptyClass } from '../../runner/classes/resource-classes.ts';
import { ClassTokens } from '../../runner/controller/class-tokens.ts';
import { ClassesFile } from '../../runner/controller/classes-file.ts';
import { Controller, settle } from '../../runner/controller/controller.ts';
import { Platforms } from '../../runner/controller/platforms.ts';
import { judgeReadiness } from '../../runner/controller/readiness.ts';
import { whenIdle } from '../../runner/controller/when-idle.ts';
import { countPhases } from '../../runner/controller/workload.ts';
import { PodWatch } from '../../runner/life/pod-watch.ts';
import type { World } from '../../runner/life/world.ts';
import { ConstraintChecker } from '../../runner/nodes/constraint-checker.ts';
import type { ControllerLogger } from '../../runner/observability/controller-logger.ts';
import { Metrics } from '../../runner/observability/metrics.ts';
import type { ControllerSettings } from '../../runner/settings/controller-settings.ts';
import { podSettings } from '../../runner/settings/pod-settings.ts';
import { readProxyVariables } from '../../runner/settings/proxy-variables.ts';
import { sshEntrance } from '../../runner/settings/ssh-entrance.ts';
import { SshPorts } from '../../runner/ssh/ssh-ports.ts';
import { sweep } from '../../runner/sweep/sweep.ts';
import { connectKubernetes, connectRunnerApi } from './connect.ts';
import { serveHealth } from './serve-health.ts';
import type { Stop } from './stop.ts';
import { watchCluster } from './watch-cluster.ts';

/** What the controller is started with. */
export interface ControllerStart {
  readonly settings: ControllerSettings;
  readonly environment: Environment;
  readonly logger: ControllerLogger;
  readonly mask: SecretMask;
  readonly stop: Stop;
}

/**
 * Runs the controller until it is to end and has no tasks any more.
 *
 * @throws Failure, CredentialsError, ResourceClassesError or RunnerApiError if it cannot start
 */
export async function runController(start: ControllerStart): Promise<void> {
  const { environment, logger, mask, settings, stop } = start;
  logger.info('starting container-agent', { version, commit, hostname: hostname() });
  const metrics = new Metrics();
  const { client, namespace } = await connectKubernetes(
    environment,
    settings.KUBE_NAMESPACE,
    ({ resource, verb }, status) => metrics.kubernetesRequest(verb, resource, status),
  );
  const api = await connectRunnerApi(settings.RUNNER_API, environment, logger);
  const file = new ClassesFile(settings.KUBE_TASK_POD_CONFIG, logger, () => metrics.configurationRejected());
  await file.load();
  const tokens = new ClassTokens(client, settings.KUBE_TOKEN_SECRETS, logger, (token) => mask.add(token));
  const { proxy } = readProxyVariables(environment);
  const podSettingsNow = () =>
    podSettings(settings, file.classes, { namespace, hostname: hostname(), proxy });
  const { instance } = podSettingsNow();
  const record = new ClaimRecord();
  const slots = new Slots(settings.MAX_CONCURRENT_TASKS);
  const over = new AbortController();
  const cluster = watchCluster(client, instance, { logger, metrics }, over.signal);
  const platforms = new Platforms(settings.KUBE_AUTODETECT_PLATFORM ? client : undefined, logger);
  const watch = new PodWatch(client, cluster.pods, cluster.events);
  const world: World = {
    api,
    client,
    watch,
    logger,
    podSettings: podSettingsNow,
    resourceClass: (name) => file.classes.byDottedName.get(dottedName(name)) ?? emptyClass,
    platformFor: (resourceClass) => platforms.platformFor(resourceClass, stop.ending),
    patience: {
      scheduling: settings.RUNNER_SCHEDULING_TIMEOUT,
      imageError: settings.RUNNER_IMAGE_ERROR_GRACE,
      imagePull: settings.RUNNER_IMAGE_PULL_TIMEOUT,
      start: settings.RUNNER_START_TIMEOUT,
    },
    createLimitMs: settings.RUNNER_CREATE_TIMEOUT,
    keepPods: settings.KUBE_DISABLE_POD_DELETION_ON_TASK_CLEANUP,
    pauses: new ClassPauses(),
    watched: new Set(),
    ssh: settings.KUBE_SSH_IS_ENABLED ? new SshPorts(client, sshEntrance(settings)) : undefined,
    metrics,
  };
  const controller = new Controller({
    world,
    tokens,
    slots,
    configuredClasses: () => file.classes.byDottedName.keys(),
    identity: {
      name: settings.AGENT_NAME,
      hostname: hostname(),
      ip: ownAddress(networkInterfaces()),
      version,
    },
    onAnswer: (resourceClass, outcome) => {
      record.note(resourceClass, outcome);
      metrics.claimed(resourceClass, outcome);
    },
    sweepEveryMs: settings.KUBE_GC_INTERVAL,
    sweep: (onTask, signal) =>
      sweep(
        {
          client,
          logger,
          namespace,
          us: instance,
          watched: () => world.watched,
          collects: settings.KUBE_GC_ENABLED,
          keepPods: world.keepPods,
          oldMs: settings.KUBE_GC_THRESHOLD,
          onTask: (task) => {
            const pods = cluster.watchPods(task.maker);
            if (pods !== undefined) watch.addPods(pods);
            onTask(task);
          },
          onDeleted: (kind) => metrics.garbageCollected(kind),
        },
        signal,
      ),
  });
  const checker = new ConstraintChecker({
    nodes: client.nodes,
    classes: () => new Map(tokens.classes.map((name) => [name, world.resourceClass(name)])),
    threshold: settings.CHECK_THRESHOLD,
    pause: (resourceClass, reason) => world.pauses.pause(resourceClass, reason),
    onChecked: (resourceClass, fits) => metrics.constraintsChecked(resourceClass, fits),
    logger,
  });
  metrics.watchGauges({
    tasks: () => countPhases(cluster.pods.all()),
    slots: settings.MAX_CONCURRENT_TASKS,
    slotsUsed: () => settings.MAX_CONCURRENT_TASKS - slots.free,
    answerAges: () => record.answerAges(),
  });
  const classState = (name: string) => ({
    outcome: record.outcome(name),
    pausedBy: world.pauses.reasonOf(name),
    isFull: slots.free === 0,
  });
  const health = await serveHealth(
    settings.RUNNER_HEALTH_ADDR,
    () =>
      judgeReadiness({
        draining: stop.draining.aborted,
        synced: cluster.synced,
        classes: new Map(tokens.classes.map((name) => [name, classState(name)])),
      }),
    metrics,
  );
  logger.info('health checks and metrics are served', { address: health.address });
  await tokens.refresh(stop.draining);
  const trimming = whenIdle(() => controller.tasks, trimMemory, stop.draining);
  const following = [file.follow(stop.draining), trimming];
  if (settings.CHECK_ENABLED) following.push(checker.run(settings.CHECK_INTERVAL, stop.draining));
  await controller.run(stop.draining, stop.ending);
  over.abort();
  await settle([...following, cluster.ended()]);
  health.close();
  await Promise.all([api.close(), client.close()]);
  logger.info('container-agent ends', { 'tasks.left': controller.tasks });
}
