import { hostname, networkInterfaces } from 'node:os';
import type { Readiness } from '../../internal/health/responses.ts';
import { version } from '../../internal/version.ts';
import { ClassPauses } from '../../runner/claims/class-pauses.ts';
import { ownAddress } from '../../runner/claims/own-address.ts';
import { dottedName, emptyClass } from '../../runner/classes/resource-classes.ts';
import { Controller } from '../../runner/controller/controller.ts';
import type { TakenOverTask } from '../../runner/life/take-over-task.ts';
import type { World } from '../../runner/life/world.ts';
import { choosePlatform } from '../../runner/nodes/choose-platform.ts';
import { ConstraintChecker } from '../../runner/nodes/constraint-checker.ts';
import { KnownNodes } from '../../runner/nodes/known-nodes.ts';
import { sshEntrance } from '../../runner/settings/ssh-entrance.ts';
import { SshPorts } from '../../runner/ssh/ssh-ports.ts';
import { type Sweeper, sweep } from '../../runner/sweep/sweep.ts';
import type { Foundation } from './foundation.ts';
import { reportState } from './report-state.ts';

/** The working parts of the controller. */
export interface Assembly {
  readonly controller: Controller;
  readonly checker: ConstraintChecker;
  readonly readiness: () => Readiness;
}

/** Puts the parts together. @throws ControllerSettingsError if settings contradict each other */
export function assemble(foundation: Foundation): Assembly {
  const nodes = new KnownNodes(foundation.client, foundation.logger);
  const world = createWorld(foundation, nodes);
  const controller = createController(foundation, world);
  return {
    controller,
    checker: createChecker(foundation, world, nodes),
    readiness: reportState(foundation, world, controller),
  };
}

function createWorld(foundation: Foundation, nodes: KnownNodes): World {
  const { api, client, file, logger, mask, metrics, podSettings, settings, stop, watch } = foundation;
  const nodesToChooseBy = async () => (settings.KUBE_AUTODETECT_PLATFORM ? nodes.recent(stop.ending) : []);
  return {
    api,
    client,
    watch,
    logger,
    secrets: mask,
    podSettings,
    resourceClass: (name) => file.classes.byDottedName.get(dottedName(name)) ?? emptyClass,
    platformFor: async (resourceClass) => choosePlatform(resourceClass, await nodesToChooseBy()),
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
}

function createController(foundation: Foundation, world: World): Controller {
  const { claims, file, metrics, settings, slots, tokens } = foundation;
  return new Controller({
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
    onClaiming: (resourceClass) => {
      claims.begin(resourceClass);
      metrics.claims(resourceClass);
    },
    onAnswer: (resourceClass, outcome) => {
      claims.note(resourceClass, outcome);
      metrics.claimed(resourceClass, outcome);
    },
    sweepEveryMs: settings.KUBE_GC_INTERVAL,
    sweep: (onTask, draining, ending) => sweep(createSweeper(foundation, world, onTask), draining, ending),
  });
}

function createSweeper(
  foundation: Foundation,
  world: World,
  onTask: (task: TakenOverTask) => Promise<void>,
): Sweeper {
  const { client, cluster, logger, metrics, podSettings, settings, watch } = foundation;
  const { instance, namespace } = podSettings();
  return {
    client,
    logger,
    namespace,
    us: instance,
    watched: () => world.watched,
    collects: settings.KUBE_GC_ENABLED,
    keepPods: world.keepPods,
    oldMs: settings.KUBE_GC_THRESHOLD,
    onTask: (task) => {
      const endWatch = cluster.watchPods(task.maker, (pods) => watch.addPods(pods));
      void onTask(task).finally(endWatch);
    },
    onDeleted: (kind) => metrics.garbageCollected(kind),
  };
}

function createChecker(foundation: Foundation, world: World, nodes: KnownNodes): ConstraintChecker {
  const { logger, metrics, settings, tokens } = foundation;
  return new ConstraintChecker({
    nodes,
    classes: () => new Map(tokens.classes.map((name) => [name, world.resourceClass(name)])),
    threshold: settings.CHECK_THRESHOLD,
    pause: (resourceClass, reason) => world.pauses.pause(resourceClass, reason),
    onChecked: (resourceClass, fits) => metrics.constraintsChecked(resourceClass, fits),
    logger,
  });
}
