import { orchestratorAgent } from '../../fake-kubelet/fake-orchestrator.ts';
import type { ProgrammedAnswer } from '../programmed-answer.ts';
import type { ReceivedRequest } from '../received-requests.ts';
import { type HandBack, TaskQueue } from './task-queue.ts';
import type { Runner } from './task-view.ts';

/** A claimed task. Times are of the wall clock, ms. */
export interface RecordedClaim {
  readonly atMs: number;
  /** The instance that claimed it. */
  readonly runner: string;
  /** The answer was lost, so nobody knows of the claim. */
  readonly lost: boolean;
}

/** A report about the end of a task. */
export interface RecordedReport {
  readonly atMs: number;
  readonly what: 'success' | 'failure' | 'hand-back';
  readonly by: 'controller' | 'orchestrator';
  readonly taken: boolean;
  /** Whether the answer has arrived. */
  readonly heard: boolean;
}

/** A queue of tasks that records all reports, by the tokens of the claims. */
export class RecordedQueue extends TaskQueue {
  readonly claims = new Map<string, RecordedClaim>();
  readonly reports = new Map<string, RecordedReport[]>();
  /** When a controller last wrote to a step. */
  readonly lastStepsMs = new Map<string, number>();
  #by: RecordedReport['by'] = 'controller';
  #answer: ProgrammedAnswer = {};

  /** Notes the request of the next call of this queue, which follows at once. */
  noteRequest({ headers }: ReceivedRequest, answer: ProgrammedAnswer): void {
    this.#by = headers['user-agent'] === orchestratorAgent ? 'orchestrator' : 'controller';
    this.#answer = answer;
  }

  override claim(token: string, runner: Runner) {
    const claim = super.claim(token, runner);
    if (claim?.task !== undefined) {
      const lost = this.#answer.fault !== undefined;
      this.claims.set(claim.task.token, { atMs: Date.now(), runner: runner.name, lost });
    }
    return claim;
  }

  override handBack(token: string, taskId: string): HandBack {
    const answer = super.handBack(token, taskId);
    this.#report(token, 'hand-back', answer === 'queued');
    return answer;
  }

  override fail(token: string, allocation: string, message: string): boolean {
    const taken = super.fail(token, allocation, message);
    this.#report(token, 'failure', taken);
    return taken;
  }

  override succeed(token: string): boolean {
    const taken = super.succeed(token);
    this.#report(token, 'success', taken);
    return taken;
  }

  override step(token: string, id: number) {
    this.lastStepsMs.set(token, Date.now());
    return super.step(token, id);
  }

  #report(token: string, what: RecordedReport['what'], taken: boolean): void {
    const before = this.reports.get(token) ?? [];
    const heard = this.#answer.fault === undefined;
    this.reports.set(token, [...before, { atMs: Date.now(), what, by: this.#by, taken, heard }]);
  }
}
