import { closeSync } from 'node:fs';
import { Socket } from 'node:net';
import { type Fifo, openFifo } from '../../testing/open-fifo.ts';
import { Output } from '../../testing/output.ts';
import type { RunningProgram } from '../../testing/running-program.ts';
import { startOrchestrator } from '../../testing/start-orchestrator.ts';
import { taskConfig } from '../../testing/task-config.ts';
import type { Plan } from './plan.ts';
import type { ChildPlan } from './plan-children.ts';

/** The identity of a task. */
export interface TaskIdentity {
  /** Task id and allocation. */
  readonly id: string;
  readonly token: string;
  /** Working directory, home and directory for temporary files. */
  readonly directory: string;
  readonly readinessFile: string;
  readonly apiUrl: string;
}

export interface StartedPlan {
  readonly program: RunningProgram;
  readonly stdout: Output;
  readonly stderr: Output;
}

/** Starts a task as its plan says. @param outside the command that makes its surroundings */
export async function startPlan(
  plan: Plan,
  identity: TaskIdentity,
  { fakeAgent, outside }: { readonly fakeAgent: string; readonly outside: readonly string[] },
): Promise<StartedPlan> {
  const { directory } = identity;
  const { life, readers } = plan;
  const flags = [
    `--log-format=${plan.logFormat}`,
    `--termination-grace-period=${plan.graceMs}ms`,
    `--shutdown-delay=${plan.delayMs}ms`,
  ];
  const env = { HOME: directory, TMPDIR: directory };
  const surroundings = { life, outside, cwd: directory, env, flags };
  const config = configOf(plan, identity, fakeAgent);
  if (plan.pipes === 'socket') {
    const program = await startOrchestrator(config, { ...surroundings, ...readers });
    return { program, stdout: program.stdout, stderr: program.stderr };
  }
  const [out, error] = [openFifo(), openFifo()];
  const outputs = {
    stdout: new Output(readerOf(out), readers.stdout),
    stderr: new Output(readerOf(error), readers.stderr),
  };
  const descriptors = { stdout: out.writeEnd, stderr: error.writeEnd };
  const starting = startOrchestrator(config, { ...surroundings, ...descriptors });
  const program = await starting.finally(() => Object.values(descriptors).forEach(closeSync));
  return { program, ...outputs };
}

function readerOf({ readEnd }: Fifo): Socket {
  return new Socket({ fd: readEnd, readable: true, writable: false });
}

function configOf(plan: Plan, identity: TaskIdentity, fakeAgent: string) {
  const { id, token, readinessFile, apiUrl } = identity;
  const program = ({ end }: ChildPlan) => (end === 'refused' ? '/nonexistent/program' : fakeAgent);
  const { agent, entrypoint } = plan;
  return taskConfig({
    cmd: entrypoint === undefined ? [] : [program(entrypoint), ...entrypoint.script],
    user: plan.switchUser ? '12345:23456' : '',
    task_id: id,
    token,
    readiness_file_path: plan.readiness === 'none' ? '' : readinessFile,
    enable_unsafe_retries: plan.retries,
    task_agent_path: [program(agent), ...agent.script].join(' '),
    runner_api_base_url: apiUrl,
    allocation: id,
  });
}
