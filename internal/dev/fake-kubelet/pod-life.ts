import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { delay } from '../../delay.ts';
import { untold } from '../../termination-log.ts';
import { reportAsOrchestrator } from './fake-orchestrator.ts';
import type { PodObjects } from './pod-objects.ts';
import type { PodRecord } from './pod-record.ts';
import {
  apiTime,
  disruptionConditions,
  endedStatus,
  initStatus,
  primaryName,
  runningStatus,
  unscheduled,
  waitingStatus,
} from './pod-status.ts';
import type { Ending, Report, Story, Waiting } from './story.ts';

/** How often the kubelet retries a container whose Secret is missing, ms. */
const secretEveryMs = 500;
/** How long an orchestrator takes to end after SIGTERM, ms. */
const farewellMs = 50;

/** The surroundings of a Pod. */
export interface Habitat {
  readonly objects: PodObjects;
  readonly record: PodRecord;
  readonly node: string;
  readonly runnerApiUrl: string;
}

/** Lets a Pod live as its story says, or until it is deleted. */
export class PodLife {
  readonly #pod: Pod;
  readonly #story: Story;
  readonly #habitat: Habitat;
  readonly #terminating = new AbortController();
  readonly #gone = new AbortController();
  readonly #over: AbortSignal;
  #token = '';

  constructor(pod: Pod, habitat: Habitat) {
    this.#pod = pod;
    this.#story = habitat.record.story;
    this.#habitat = habitat;
    this.#over = AbortSignal.any([this.#terminating.signal, this.#gone.signal]);
  }

  /** To be called when the Pod is to end within its grace period. */
  terminate(): void {
    this.#terminating.abort();
  }

  /** To be called when the Pod is gone. A running container is killed. */
  vanish(): void {
    this.#gone.abort();
  }

  /** Lives until the Pod is gone. */
  async run(): Promise<void> {
    const { objects } = this.#habitat;
    const isLost = (await this.#start()) && (await this.#runPrimary()) === 'lost';
    await settled(this.#over);
    // The kubelet removes Pods that have ended on its node.
    if (!isLost && !this.#gone.signal.aborted) await objects.delete(0);
    await settled(this.#gone.signal);
  }

  /** @returns whether the primary container can start now */
  async #start(): Promise<boolean> {
    const { node, objects } = this.#habitat;
    const { evictedEarly, init, scheduledAfter } = this.#story;
    if (scheduledAfter === undefined) {
      const status = unscheduled();
      await objects.setStatus(status);
      await objects.tell('Warning', 'FailedScheduling', status.conditions?.[0]?.message ?? '', null);
      return false;
    }
    if (!(await delay(scheduledAfter, this.#over)) || !(await objects.bind(node))) return false;
    await objects.tell('Normal', 'Scheduled', `Successfully assigned the Pod to ${node}`, null);
    if (evictedEarly) {
      await this.#evict('Evicted', 'The node was low on resource: ephemeral-storage.');
      return false;
    }
    if (!(await this.#overcome()) || !(await this.#findSecret())) return false;
    const startedAt = apiTime();
    await this.#reportStart(this.#pod.spec?.initContainers?.[0]?.name ?? '');
    await objects.setStatus(initStatus(this.#pod, { running: { startedAt } }));
    if (!(await delay(init.lasts, this.#over))) return false;
    if (init.exitCode === 0) return true;
    const { exitCode, reason = 'Error' } = init;
    const terminated = { exitCode, reason, startedAt, finishedAt: apiTime() };
    await objects.setStatus({ ...initStatus(this.#pod, { terminated }), phase: 'Failed' });
    return false;
  }

  /** Reports the start of each container, like a kubelet. */
  async #reportStart(container: string): Promise<void> {
    const { objects } = this.#habitat;
    await objects.tell('Normal', 'Pulled', 'Container image already present on machine', container);
    await objects.tell('Normal', 'Created', 'Created container', container);
    await objects.tell('Normal', 'Started', 'Started container', container);
  }

  async #overcome(): Promise<boolean> {
    const { obstacle } = this.#story;
    if (obstacle === undefined) return true;
    const { lasts, what } = obstacle;
    if (what === 'sandbox')
      await this.#habitat.objects.tell('Warning', 'FailedCreatePodSandBox', 'no address is free', null);
    else await this.#wait(what);
    if (lasts !== 'for ever') return await delay(lasts, this.#over);
    await settled(this.#over);
    return false;
  }

  async #wait(waiting: Waiting): Promise<void> {
    const { objects } = this.#habitat;
    if (waiting.event) await objects.tell('Warning', ...waiting.event);
    await objects.setStatus(waitingStatus(this.#pod, waiting));
  }

  /** Without its Secret, a container cannot be created. The kubelet says so, and tries again. */
  async #findSecret(): Promise<boolean> {
    const { name = '' } = this.#pod.metadata ?? {};
    for (let tries = 0; !this.#over.aborted; tries++) {
      const token = await this.#habitat.objects.readToken();
      if (token !== undefined) {
        this.#token = token;
        return true;
      }
      const message = `secret "${name}" not found`;
      if (tries === 0) await this.#wait({ reason: 'CreateContainerConfigError', message });
      await delay(secretEveryMs, this.#over);
    }
    return false;
  }

  /** @returns 'lost' if nobody will ever report its end */
  async #runPrimary(): Promise<'ended' | 'lost'> {
    const { objects, record } = this.#habitat;
    const { disruptionAnnounced, ending, runs } = this.#story;
    if (ending.kind === 'cannot-start') {
      await this.#end({ exitCode: 128, reason: 'StartError', message: ending.message });
      return 'ended';
    }
    await this.#reportStart(primaryName);
    record.startedMs = Date.now();
    await objects.setStatus(runningStatus(this.#pod, apiTime(record.startedMs)));
    if (disruptionAnnounced)
      await objects.setStatus(disruptionConditions('EvictionByEvictionAPI', 'Eviction API: evicting'));
    if (await delay(runs, this.#over)) {
      if (ending.kind === 'node-lost') return await this.#lose();
      await this.#finish(ending);
    }
    if (record.end === undefined) await this.#stop();
    return 'ended';
  }

  async #finish(ending: Exclude<Ending, { kind: 'cannot-start' | 'node-lost' }>): Promise<void> {
    const { objects, record } = this.#habitat;
    switch (ending.kind) {
      case 'reports':
        return await this.#report(ending.report, ending.reason);
      case 'exits': {
        record.end = 'failed';
        const { exitCode, message = '', reason = 'Error' } = ending;
        await this.#end({ exitCode, reason, message });
        return;
      }
      case 'evicted':
        return await this.#evict('Evicted', 'The node was low on resource: memory.');
      case 'preempted':
        return await this.#evict('Preempting', 'Preempted in order to admit critical pod');
      case 'node-shutdown':
        return await this.#evict('Terminated', 'Pod was terminated in response to imminent node shutdown.');
      case 'deleted':
        // Nobody waits for its end, so it counts as ended now.
        record.end = 'killed';
        record.endedMs = Date.now();
        await objects.delete(0);
        await settled(this.#gone.signal);
        return;
      case 'drained':
        await objects.delete(undefined);
        await settled(this.#over);
    }
  }

  /** Ends the Pod before its time. */
  async #stop(): Promise<void> {
    const { record } = this.#habitat;
    const retries = this.#pod.metadata?.annotations?.['app.circleci.com/unsafe-retries'] === 'true';
    if (!(await delay(farewellMs, this.#gone.signal))) {
      record.end = 'killed';
      record.endedMs = Date.now();
      return;
    }
    await this.#report(retries ? 'hand-back' : 'failure');
  }

  /** Reports like an orchestrator, and ends as that has ended. */
  async #report(report: Report, reason = 'Completed'): Promise<void> {
    const { record, runnerApiUrl } = this.#habitat;
    const { allocation, taskId } = record;
    // Its work is done before it reports.
    record.endedMs = Date.now();
    record.end = 'exit 0';
    const task = { runnerApiUrl, taskId, allocation, token: this.#token };
    if (await reportAsOrchestrator(task, report)) return await this.#end({ exitCode: 0, reason });
    record.end = 'failed';
    await this.#end({ exitCode: 1, reason: 'Error', message: untold });
  }

  async #end(end: { exitCode: number; reason: string; message?: string }): Promise<void> {
    const { objects, record } = this.#habitat;
    record.endedMs ??= Date.now();
    record.end ??= end.exitCode === 0 ? 'exit 0' : 'failed';
    const startedAt = record.startedMs === undefined ? {} : { startedAt: apiTime(record.startedMs) };
    const terminated = { ...end, ...startedAt, finishedAt: apiTime() };
    await objects.setStatus(endedStatus(this.#pod, terminated, end.exitCode === 0));
  }

  async #evict(reason: string, message: string): Promise<void> {
    const { objects, record } = this.#habitat;
    if (record.startedMs !== undefined) record.endedMs = Date.now();
    record.end = 'failed';
    const exit = { exitCode: 137, reason: 'Error', finishedAt: apiTime() };
    const terminated =
      record.startedMs === undefined ? exit : { ...exit, startedAt: apiTime(record.startedMs) };
    await objects.tell('Warning', reason, message, null);
    const containers = record.startedMs === undefined ? {} : endedStatus(this.#pod, terminated, false);
    const { conditions = [] } = disruptionConditions('TerminationByKubelet', message);
    await objects.setStatus({ ...containers, phase: 'Failed', reason, message, conditions });
  }

  async #lose(): Promise<'lost'> {
    this.#habitat.record.end = 'lost';
    await this.#habitat.objects.delete(1);
    await settled(this.#gone.signal);
    this.#habitat.record.endedMs = Date.now();
    return 'lost';
  }
}

/** Resolves when the signal aborts. */
function settled(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
