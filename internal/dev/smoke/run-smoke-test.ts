import { delay } from '../../delay.ts';
import type { Api } from './api-request.ts';
import { CircleCi, type Pipeline, type Workflow, type WorkflowJob } from './circleci.ts';
import type { DriverSettings } from './settings.ts';

export interface SmokeTestPlan {
  readonly settings: DriverSettings;
  /** Writes one line of progress. */
  readonly print: (line: string) => void;
  /** Ends the test early and cancels its workflows. If the reason is text, the result has it. */
  readonly signal: AbortSignal;
  readonly pollIntervalMs?: number;
  /** The interval of messages about a workflow without changes. */
  readonly progressIntervalMs?: number;
  /** The time to cancel workflows after the end of the test's own time. */
  readonly cleanUpMs?: number;
  readonly requestTimes?: Api['times'];
}

export interface SmokeTestResult {
  readonly passed: boolean;
  /** One line: the result, and where to look. */
  readonly summary: string;
}

/** The final statuses. Others, such as failing or on_hold, still change. */
const endStatuses = new Set(['success', 'failed', 'error', 'canceled', 'unauthorized']);

const hints: Readonly<Record<string, string>> = {
  error: 'CircleCI could not run it: look at its configuration, and at its resource classes',
  canceled: 'somebody or something canceled it, as its project does with redundant workflows',
  unauthorized: 'whoever the token belongs to may not run it, or may not use one of its contexts',
};

/**
 * Triggers the pipeline of one driver, finds its workflow and waits for it to end. If the workflow does not
 * end in time, the pipeline's running workflows are canceled, so they do not occupy runners.
 */
export async function runSmokeTest(plan: SmokeTestPlan): Promise<SmokeTestResult> {
  return new SmokeTest(plan).run();
}

class SmokeTest {
  readonly #plan: SmokeTestPlan;
  readonly #circleCi: CircleCi;
  readonly #over: AbortSignal;
  #pipeline: Pipeline | undefined;
  #workflow: Workflow | undefined;
  #trouble = '';

  constructor(plan: SmokeTestPlan) {
    const { settings, print, signal, requestTimes } = plan;
    this.#plan = plan;
    this.#over = AbortSignal.any([signal, AbortSignal.timeout(settings.timeoutMs)]);
    this.#circleCi = new CircleCi({
      host: settings.host,
      token: settings.token,
      onRetry: (reason) => {
        if (reason !== this.#trouble) print(`${reason}; trying again`);
        this.#trouble = reason;
      },
      ...(requestTimes === undefined ? {} : { times: requestTimes }),
    });
  }

  async run(): Promise<SmokeTestResult> {
    try {
      const pipeline = await this.#trigger();
      const ended = await this.#waitForEnd(pipeline);
      if (ended !== undefined) return await this.#judge(ended);
      return await this.#giveUp('');
    } catch (error) {
      return this.#giveUp(error instanceof Error ? error.message : String(error));
    }
  }

  async #trigger(): Promise<Pipeline> {
    const { settings, print } = this.#plan;
    const { host, projectSlug, branch, parameters } = settings;
    print(`triggering ${projectSlug} on ${host}, branch ${branch}, with ${JSON.stringify(parameters)}`);
    this.#pipeline = await this.#circleCi.trigger(projectSlug, { branch, parameters }, this.#over);
    print(`pipeline ${this.#pipeline.number} (${this.#pipeline.id}) was created`);
    return this.#pipeline;
  }

  /**
   * @returns undefined if the time was over first
   */
  async #waitForEnd(pipeline: Pipeline): Promise<Workflow | undefined> {
    const { settings, print, pollIntervalMs = 5000, progressIntervalMs = 60_000 } = this.#plan;
    let lastStatus = '';
    let lastPrinted = 0;
    do {
      this.#workflow = findEarliest(await this.#circleCi.workflows(pipeline, this.#over), settings.driver);
      const status = this.#workflow?.status ?? 'not there yet';
      if (status !== lastStatus || performance.now() - lastPrinted >= progressIntervalMs) {
        print(`workflow ${settings.driver}: ${status}${this.#link()}`);
        lastStatus = status;
        lastPrinted = performance.now();
      }
      if (this.#workflow !== undefined && endStatuses.has(status)) return this.#workflow;
      const errors = this.#workflow === undefined ? await this.#circleCi.errorsOf(pipeline, this.#over) : '';
      if (errors !== '') throw new Error(`pipeline ${pipeline.number} has no workflows: ${errors}`);
    } while (await delay(pollIntervalMs, this.#over));
    return undefined;
  }

  async #judge(workflow: Workflow): Promise<SmokeTestResult> {
    const { status } = workflow;
    if (status === 'success') return this.#result(true, 'success');
    const jobs = await this.#circleCi.jobs(workflow, this.#cleanUpLimit()).catch(() => []);
    return this.#result(false, [status, hints[status], describeJobs(jobs)].filter(Boolean).join('; '));
  }

  /** @param reason why, unless the time is over */
  async #giveUp(reason: string): Promise<SmokeTestResult> {
    const { settings, signal } = this.#plan;
    const why = signal.aborted
      ? `interrupted by ${String(signal.reason)}`
      : this.#over.aborted
        ? `timed out after ${Math.round(settings.timeoutMs / 100) / 10} s, ${this.#state()}`
        : reason;
    const trouble = this.#over.aborted && reason !== '' ? `last: ${reason}` : '';
    return this.#result(false, [why, trouble, await this.#cancel()].filter(Boolean).join('; '));
  }

  #state(): string {
    if (this.#workflow !== undefined) return `when the workflow was "${this.#workflow.status}"`;
    return this.#pipeline === undefined
      ? 'before a pipeline was created'
      : `when there was no workflow "${this.#plan.settings.driver}" in pipeline ${this.#pipeline.number}`;
  }

  /** Cancels all running workflows of the pipeline. @returns the result, for the summary */
  async #cancel(): Promise<string> {
    if (this.#pipeline === undefined) return '';
    const limit = this.#cleanUpLimit();
    try {
      const workflows = await this.#circleCi.workflows(this.#pipeline, limit);
      const running = workflows.filter(({ status }) => !endStatuses.has(status));
      for (const workflow of running) {
        await this.#circleCi.cancel(workflow, limit);
      }
      return running.length === 0 ? '' : `canceled ${running.map(({ name }) => name).join(', ')}`;
    } catch (error) {
      return `could not cancel it: ${error instanceof Error ? error.message : String(error)}`;
    }
  }

  #cleanUpLimit(): AbortSignal {
    return AbortSignal.timeout(this.#plan.cleanUpMs ?? 60_000);
  }

  #result(passed: boolean, text: string): SmokeTestResult {
    return { passed, summary: text + this.#link() };
  }

  #link(): string {
    const { host } = this.#plan.settings;
    return this.#workflow === undefined ? '' : ` ${host}/workflow-run/${this.#workflow.id}`;
  }
}

/** The first run of that name. This test did not trigger later reruns. */
function findEarliest(workflows: readonly Workflow[], name: string): Workflow | undefined {
  return workflows
    .filter((workflow) => workflow.name === name)
    .sort((a, b) => Date.parse(a.created_at) - Date.parse(b.created_at))[0];
}

function describeJobs(jobs: readonly WorkflowJob[]): string {
  const bad = jobs
    .filter(({ status }) => status !== 'success')
    .map(({ name, status }) => `${name} ${status}`);
  return bad.length === 0 ? '' : `jobs: ${bad.join(', ')}`;
}
