import { readFile } from 'node:fs/promises';
import type { Answers } from '../../internal/dev/runner-api/answer-script.ts';
import {
  type FakeBehaviour,
  type FakeRunnerApi,
  startFakeRunnerApi,
} from '../../internal/dev/runner-api/fake-runner-api.ts';
import { callsIn, lastMessageIn } from '../../internal/dev/runner-api/received-requests.ts';
import { buildFakeAgent } from '../../internal/dev/testing/build-fake-agent.ts';
import type { EndedProgram, RunningProgram } from '../../internal/dev/testing/running-program.ts';
import {
  type OrchestratorSurroundings,
  startOrchestrator,
} from '../../internal/dev/testing/start-orchestrator.ts';
import { type ConfigFields, taskConfig } from '../../internal/dev/testing/task-config.ts';
import { untilTestEnds } from '../../internal/dev/testing/until-test-ends.ts';
import { waitFor } from '../../internal/dev/testing/wait-for.ts';
import { endWithTest, usualLife } from './run-orchestrator.ts';

/** A task and its surroundings. */
export interface TaskToRun extends OrchestratorSurroundings {
  /** The fake agent's script. */
  readonly agent?: readonly string[];
  /** The script of a fake agent that is the custom entrypoint. */
  readonly entrypoint?: readonly string[];
  /**
   * Fields of the configuration that add to the usual ones or replace them. An undefined field is left out.
   */
  readonly config?: ConfigFields;
  /** The configuration's whole text. */
  readonly configText?: string;
  readonly answers?: Answers;
  /** The agent prints its token, so only the orchestrator's own output must not have it. */
  readonly agentPrintsToken?: boolean;
}

export interface StartedTask {
  readonly run: RunningProgram;
  readonly api: FakeRunnerApi;
  readonly token: string;
  readonly taskId: string;
  readonly allocation: string;
}

export interface EndedTask extends EndedProgram {
  /** The calls that reached the runner API, in order: `unclaim`, `fail`. */
  readonly calls: readonly string[];
  /** The message of the last fail event. */
  readonly message: string;
}

/** A runner API that ends with the test. */
export async function startApi(behaviour?: FakeBehaviour): Promise<FakeRunnerApi> {
  return untilTestEnds(await startFakeRunnerApi(behaviour));
}

/** Starts `run-task` with the fake agent and its own runner API. */
export async function startTask(task: TaskToRun = {}): Promise<StartedTask> {
  const { agent = [], entrypoint, config: fields, configText, answers = {}, ...surroundings } = task;
  const fakeAgent = await buildFakeAgent();
  const api = await startApi({ answers });
  const config = taskConfig({
    cmd: entrypoint === undefined ? [] : [fakeAgent, ...entrypoint],
    runner_api_base_url: api.url,
    task_agent_path: [fakeAgent, ...agent].join(' '),
    ...fields,
  });
  const run = await startOrchestrator(configText ?? config, { life: usualLife, ...surroundings });
  const token = String(config.token ?? '');
  endWithTest(run, task.agentPrintsToken || token === '' ? [] : [token]);
  return { run, api, token, taskId: String(config.task_id), allocation: String(config.allocation) };
}

/** Waits for a task's end. */
export async function finish({ run, api: { requests } }: StartedTask): Promise<EndedTask> {
  return { ...(await run.result()), calls: callsIn(requests), message: lastMessageIn(requests) };
}

/** Runs a task to its end. */
export async function runTaskToEnd(task: TaskToRun = {}): Promise<EndedTask> {
  return finish(await startTask(task));
}

/** The content of a file once it matches. */
export async function fileOnce(path: string, pattern: RegExp): Promise<string> {
  return waitFor(`${pattern} in ${path}`, async () => {
    const text = await readFile(path, 'latin1').catch(() => '');
    return pattern.test(text) ? text : undefined;
  });
}
