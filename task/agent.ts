import { formatGoDuration } from '../internal/duration.ts';
import type { Environment } from '../internal/environment.ts';
import type { Config } from './config.ts';
import type { Processes, User } from './processes/processes.ts';

/** The prefix of the orchestrator's own variables. No child may see them. */
export const ownVariablesPrefix = 'CIRCLECI_GOAT';

/** The task agent's command line. The agent requires these options. */
export function agentCommand(config: Config): string[] {
  const command = splitAgentPath(config);
  const options = [
    '_internal',
    'agent-runner',
    '--verbose',
    `--runnerAPIBaseURL=${config.runner_api_base_url}`,
    `--allocation=${config.allocation}`,
    '--disableSpinUpStep',
    '--disableIsolatedSSHDir',
    `--maxRunTime=${formatGoDuration(config.max_run_time)}`,
  ];
  if (config.ssh_advertise_addr !== '') {
    options.push(`--sshAdvertiseAddr=${config.ssh_advertise_addr}`);
  }
  return [...command, ...options];
}

/** The agent's environment: the container's, with the agent's directory at the end of PATH, and the user's HOME. */
export function agentEnvironment(
  container: Environment,
  config: Config,
  user: User | undefined,
  processes: Pick<Processes, 'extendSearchPath'>,
): Environment {
  const [program = ''] = splitAgentPath(config);
  const environment = processes.extendSearchPath(container.without(ownVariablesPrefix), program);
  return user === undefined ? environment : environment.with('HOME', user.home);
}

function splitAgentPath(config: Config): string[] {
  return config.task_agent_path.split(' ').filter((word) => word !== '');
}
