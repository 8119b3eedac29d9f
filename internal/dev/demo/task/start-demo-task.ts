import { join } from 'node:path';
import type { RunningProgram } from '../../testing/running-program.ts';
import { startOrchestrator } from '../../testing/start-orchestrator.ts';
import { taskConfig } from '../../testing/task-config.ts';
import type { DemoContainer } from './container.ts';
import { type PodFolders, sampleEntrypoint } from './pod-folders.ts';
import type { Scenario } from './scenarios.ts';

/** A task of the demo, and its surroundings. */
export interface DemoTask {
  readonly folders: PodFolders;
  readonly scenario: Scenario;
  readonly container: DemoContainer;
  readonly runnerApiUrl: string;
  /** Ends everything at once. */
  readonly signal: AbortSignal;
}

/** The readiness file. The service containers of a Pod write it when they are ready. */
export function readinessFile({ volume }: PodFolders): string {
  return join(volume, 'services-are-up');
}

/** Starts `orchestrator run-task` from the volume, or `override` before it, as the task's container would. */
export async function startDemoTask(task: DemoTask): Promise<RunningProgram> {
  const { folders, scenario, container, runnerApiUrl, signal } = task;
  const config = taskConfig({
    task_id: 'demo-task',
    allocation: 'demo-allocation',
    runner_api_base_url: runnerApiUrl,
    task_agent_path: join(folders.volume, 'circleci-agent'),
    readiness_file_path: readinessFile(folders),
    ...scenario.config,
  });
  const entrypoint = `--entrypoint=${sampleEntrypoint.replaceAll(',', '\\,')}`;
  const program = await startOrchestrator(config, {
    program: join(folders.volume, 'orchestrator'),
    command: scenario.override ? 'override' : 'run-task',
    flags: [
      ...(scenario.override ? [entrypoint] : []),
      '--health-check-addr=127.0.0.1:0',
      ...(scenario.flags ?? []),
    ],
    life: container.life,
    env: { DEMO_AGENT: scenario.agent },
  });
  signal.addEventListener('abort', () => program.kill());
  return program;
}
