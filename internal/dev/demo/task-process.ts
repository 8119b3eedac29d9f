import { join } from 'node:path';
import { execa } from 'execa';
import type { PidNamespace } from './pid-namespace.ts';
import type { Scenario } from './scenarios.ts';
import { type Stage, sampleEntrypoint } from './stage.ts';

export interface TaskSetup {
  readonly stage: Stage;
  readonly scenario: Scenario;
  readonly namespace: PidNamespace;
  readonly runnerApiUrl: string;
  /** Ends everything at once. */
  readonly signal: AbortSignal;
}

/** The file by which the service containers of a Pod say that they are up. */
export function readinessFile({ volume }: Stage): string {
  return join(volume, 'services-are-up');
}

/** Starts `orchestrator run-task` from the volume, or `override` before it, as the task's container would. */
export function startTask({ stage, scenario, namespace, runnerApiUrl, signal }: TaskSetup) {
  const config = {
    task_id: 'demo-task',
    token: 'demo-token-0123456789',
    allocation: 'demo-allocation',
    runner_api_base_url: runnerApiUrl,
    task_agent_path: join(stage.volume, 'circleci-agent'),
    readiness_file_path: readinessFile(stage),
    max_run_time: 3_600_000_000_000,
    ...scenario.config,
  };
  const command = scenario.override
    ? ['override', `--entrypoint=${sampleEntrypoint.replaceAll(',', '\\,')}`]
    : ['run-task'];
  const [file = '', ...args] = [
    ...namespace.prefix,
    join(stage.volume, 'orchestrator'),
    ...command,
    '--health-check-addr=127.0.0.1:0',
    ...(scenario.flags ?? []),
  ];
  return execa(file, args, {
    extendEnv: false,
    env: {
      PATH: process.env.PATH,
      DEMO_AGENT: scenario.agent,
      CIRCLECI_GOAT_CONFIG: JSON.stringify(config),
    },
    stdin: 'ignore',
    buffer: false,
    reject: false,
    cancelSignal: signal,
    cleanup: false,
    killSignal: 'SIGKILL',
  });
}
