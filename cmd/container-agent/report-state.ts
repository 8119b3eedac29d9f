import type { Readiness } from '../../internal/health/responses.ts';
import { noToken } from '../../runner/claims/claim-loop.ts';
import type { Controller } from '../../runner/controller/controller.ts';
import {
  type ClassState,
  type ControllerState,
  describeObstacle,
  judgeReadiness,
  notSearched,
} from '../../runner/controller/readiness.ts';
import { countPhases } from '../../runner/controller/workload.ts';
import type { TaskContext } from '../../runner/life/task-context.ts';
import type { ControllerContext } from './controller-context.ts';

/** Connects the metrics to the controller's state. @returns what `/ready` answers */
export function reportState(
  context: ControllerContext,
  taskContext: TaskContext,
  controller: Controller,
): () => Readiness {
  const { claims, file, metrics, settings, stop, tokens, watch } = context;
  const state = () => stateOf(context, taskContext, controller);
  const readiness = () => judgeReadiness(state());
  const readyOrNot = () => (readiness().ready ? 'ready' : 'not-ready');
  metrics.watchGauges({
    state: () => (stop.draining.aborted ? 'draining' : readyOrNot()),
    classes: () =>
      new Map([...state().classes].map(([name, it]) => [name, describeObstacle(it) === undefined])),
    tasks: () => countPhases(watch.followedPods()),
    slots: settings.MAX_CONCURRENT_TASKS,
    slotsUsed: () => controller.tasks,
    answerAges: () => claims.answerAges(tokens.classes),
    configurationAccepted: () => file.isAccepted,
  });
  return readiness;
}

function stateOf(
  { claims, cluster, file, settings, stop, tokens }: ControllerContext,
  { pauses }: TaskContext,
  { isClaiming, tasks }: Controller,
): ControllerState {
  const names = new Set([...claims.classes, ...tokens.classes, ...file.classes.byDottedName.keys()]);
  const pausedBy = (name: string) => {
    if (tokens.get(name) === undefined) return noToken;
    return isClaiming ? pauses.reasonOf(name) : notSearched;
  };
  const classState = (name: string): ClassState => ({
    outcome: claims.outcome(name, tokens.get(name)),
    pausedBy: pausedBy(name),
    // A claim also holds a slot, for as long as it waits for its answer.
    isFull: tasks >= settings.MAX_CONCURRENT_TASKS,
  });
  return {
    draining: stop.draining.aborted,
    synced: cluster.synced,
    classes: new Map([...names].map((name) => [name, classState(name)])),
  };
}
