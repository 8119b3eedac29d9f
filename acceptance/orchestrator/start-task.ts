import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { onTestFinished } from 'vitest';
import {
  type FakeRunnerApi,
  type FakeRunnerApiOptions,
  startFakeRunnerApi,
} from '../../internal/dev/runner-api/fake-runner-api.ts';
import { buildFakeAgent } from '../../internal/dev/testing/build-fake-agent.ts';
import type { Life } from '../../internal/dev/testing/pid-namespace.ts';
import { type Run, type RunOptions, runOrchestrator } from '../../internal/dev/testing/run-orchestrator.ts';
import { waitFor } from '../../internal/dev/testing/wait-for.ts';

/** Topics that differ between them run in both. */
export const lives: readonly Life[] = ['ordinary', 'pid 1'];

export interface TaskOptions extends RunOptions {
  /** The fake agent's script. */
  readonly agent?: readonly string[];
  /** The script of a fake agent that is the custom entrypoint. */
  readonly entrypoint?: readonly string[];
  /** Fields of the configuration beside or in place of the usual ones; undefined leaves one out. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** The configuration's whole text. */
  readonly configText?: string;
  /** Flags of run-task behind `--health-check-addr :0`. */
  readonly flags?: readonly string[];
  readonly answers?: FakeRunnerApiOptions['answers'];
  /** The agent prints its token, so that only what the orchestrator itself says may not. */
  readonly agentPrintsToken?: boolean;
}

export interface StartedTask {
  readonly run: Run;
  readonly api: FakeRunnerApi;
  readonly token: string;
  readonly taskId: string;
  readonly allocation: string;
}

export interface EndedTask {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The calls that reached the runner API, in order: `unclaim`, `fail`. */
  readonly calls: readonly string[];
  /** The message of the last fail event. */
  readonly message: string;
}

/** A runner API that ends with the test. */
export async function startApi(options: FakeRunnerApiOptions = {}): Promise<FakeRunnerApi> {
  const api = await startFakeRunnerApi(options);
  onTestFinished(() => api.close());
  return api;
}

/** Starts `run-task` with the fake agent against a runner API of its own. */
export async function startTask(options: TaskOptions = {}): Promise<StartedTask> {
  const { agent = [], entrypoint, config = {}, flags = [], answers = {} } = options;
  const fakeAgent = await buildFakeAgent();
  const api = await startApi({ answers });
  const id = randomBytes(6).toString('hex');
  const usual = {
    cmd: entrypoint === undefined ? [] : [fakeAgent, ...entrypoint],
    task_id: `task-${id}`,
    token: `token-${id}-${randomBytes(12).toString('hex')}`,
    allocation: `allocation-${id}`,
    runner_api_base_url: api.url,
    task_agent_path: [fakeAgent, ...agent].join(' '),
    max_run_time: 3_600_000_000_000,
  };
  const fields = { ...usual, ...config };
  const token = String(fields.token ?? '');
  const run = await runOrchestrator(['run-task', '--health-check-addr', ':0', ...flags], {
    ...options,
    env: { CIRCLECI_GOAT_CONFIG: options.configText ?? JSON.stringify(fields), ...options.env },
    secrets: [...(options.secrets ?? []), ...(options.agentPrintsToken || token === '' ? [] : [token])],
  });
  return { run, api, token, taskId: String(fields.task_id), allocation: String(fields.allocation) };
}

/** Waits for a task's end. */
export async function finish({ run, api }: StartedTask): Promise<EndedTask> {
  const { status, signal } = await run.ended;
  return {
    status,
    signal,
    stdout: run.stdout,
    stderr: run.stderr,
    calls: api.requests.map(({ call, path }) => call ?? path),
    message: api.requests.findLast(({ call }) => call === 'fail')?.message ?? '',
  };
}

/** Runs a task to its end. */
export async function runTask(options: TaskOptions = {}): Promise<EndedTask> {
  return finish(await startTask(options));
}

/** The content of a file once it has this in it. */
export async function fileOnce(path: string, pattern: RegExp): Promise<string> {
  return waitFor(`${pattern} in ${path}`, async () => {
    const text = await readFile(path, 'latin1').catch(() => '');
    return pattern.test(text) ? text : undefined;
  });
}
