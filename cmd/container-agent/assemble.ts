import { hostname, networkInterfaces } from 'node:os';
import {
  defaultCallPolicy,
  defaultStepPolicy,
  withCancellationGrace,
} from '../../clients/runner/repeat-call.ts';
import type { Readiness } from '../../internal/health/responses.ts';
import { version } from '../../internal/version.ts';
import { ClassPauses } from '../../runner/claims/class-pauses.ts';
import { ownAddress } from '../../runner/claims/own-address.ts';
import { dottedName, emptyClass } from '../../runner/classes/resource-classes.ts';
import { Controller } from '../../runner/controller/controller.ts';
import type { TakenOverTask } from '../../runner/life/take-over-task.ts';
import type { TaskContext } from '../../runner/life/task-context.ts';
import { choosePlatform } from '../../runner/nodes/choose-platform.ts';
import { ConstraintChecker } from '../../runner/nodes/constraint-checker.ts';
import { KnownNodes } from '../../runner/nodes/known-nodes.ts';
import { sshEntrance } from '../../runner/settings/ssh-entrance.ts';
import { SshPorts } from '../../runner/ssh/ssh-ports.ts';
import { sweep } from '../../runner/sweep/sweep.ts';
import type { SweepContext } from '../../runner/sweep/sweep-context.ts';
import { PodEvents } from '../../runner/watch/pod-events.ts';
import type { ControllerContext } from './controller-context.ts';
import { reportState } from './report-state.ts';

/** The working parts of the controller. */
export interface Assembly {
  readonly controller: Controller;
  readonly checker: ConstraintChecker;
  readonly readiness: () => Readiness;
}

/** Puts the parts together. @throws ControllerSettingsError if settings contradict each other */
export function assemble(context: ControllerContext): Assembly {
  const nodes = new KnownNodes(context.client, context.logger);
  const taskContext = createTaskContext(context, nodes);
  const controller = createController(context, taskContext);
  return {
    controller,
    checker: createChecker(context, taskContext, nodes),
    readiness: reportState(context, taskContext, controller),
  };
}

/** Why a class pauses if its entry in the task Pod configuration may be on its way, or was just removed. */
const noTemplate = 'the task Pod configuration has no entry for it yet, or not any more';

function createTaskContext(context: ControllerContext, nodes: KnownNodes): TaskContext {
  const { api, client, file, logger, mask, metrics, podSettings, settings, stop, tokens, watch } = context;
  const nodesToChooseBy = async () => (settings.KUBE_AUTODETECT_PLATFORM ? nodes.recent(stop.ending) : []);
  return {
    api,
    callPolicy: withCancellationGrace(defaultCallPolicy, settings.RUNNER_CANCELLATION_GRACE),
    stepPolicy: withCancellationGrace(defaultStepPolicy, settings.RUNNER_CANCELLATION_GRACE),
    client,
    watch,
    podEvents: new PodEvents(client, stop.ending),
    logger,
    mask,
    podSettings,
    resourceClass: (name) => file.entryOf(dottedName(name)) ?? emptyClass,
    platformFor: async (resourceClass) => choosePlatform(resourceClass, await nodesToChooseBy()),
    patience: {
      scheduling: settings.RUNNER_SCHEDULING_TIMEOUT,
      imageError: settings.RUNNER_IMAGE_ERROR_GRACE,
      imagePull: settings.RUNNER_IMAGE_PULL_TIMEOUT,
      start: settings.RUNNER_START_TIMEOUT,
    },
    createLimitMs: settings.RUNNER_CREATE_TIMEOUT,
    deleteAgainMs: 60_000,
    keepPods: settings.KUBE_DISABLE_POD_DELETION_ON_TASK_CLEANUP,
    pauses: new ClassPauses((name) =>
      file.isUnsettled(name, tokens.sinceMs(name)) ? noTemplate : undefined,
    ),
    ssh: settings.KUBE_SSH_IS_ENABLED ? new SshPorts(client, sshEntrance(settings), stop.ending) : undefined,
    metrics,
  };
}

function createController(context: ControllerContext, taskContext: TaskContext): Controller {
  const { claims, file, metrics, settings, slots, tokens } = context;
  return new Controller({
    context: taskContext,
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
      metrics.claimingBegun(resourceClass);
    },
    onAnswer: (resourceClass, outcome, token) => {
      claims.note(resourceClass, outcome, token);
      metrics.claimed(resourceClass, outcome);
    },
    sweepEveryMs: settings.KUBE_GC_INTERVAL,
    onSwept: (result) => metrics.swept(result),
    sweep: (onTask, draining, ending) =>
      sweep(createSweepContext(context, taskContext, onTask), draining, ending),
  });
}

function createSweepContext(
  context: ControllerContext,
  taskContext: TaskContext,
  onTask: (task: TakenOverTask) => Promise<void>,
): SweepContext {
  const { client, cluster, logger, metrics, podSettings, settings, watch } = context;
  const { instance, namespace } = podSettings();
  return {
    client,
    logger,
    namespace,
    us: instance,
    watched: () => watch.followed,
    collects: settings.KUBE_GC_ENABLED,
    keepPods: taskContext.keepPods,
    oldMs: settings.KUBE_GC_THRESHOLD,
    onTask: (task) => {
      const endWatch = cluster.watchPods(task.maker, (pods) => watch.addPods(pods));
      void onTask(task).finally(endWatch);
    },
    onDeleted: (kind) => metrics.garbageCollected(kind),
  };
}

function createChecker(
  context: ControllerContext,
  taskContext: TaskContext,
  nodes: KnownNodes,
): ConstraintChecker {
  const { file, logger, metrics, settings, tokens } = context;
  const current = (name: string) => file.classes.byDottedName.get(name) ?? emptyClass;
  return new ConstraintChecker({
    nodes,
    classes: () => new Map(tokens.classes.map((name) => [name, current(name)])),
    threshold: settings.CHECK_THRESHOLD,
    pause: (resourceClass, reason) => taskContext.pauses.pause(resourceClass, reason),
    onChecked: (resourceClass, fits) => metrics.constraintsChecked(resourceClass, fits),
    logger,
  });
}
