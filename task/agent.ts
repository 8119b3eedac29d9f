import path from 'node:path';
import { formatGoDuration } from '../internal/duration.ts';
import type { Environment } from '../internal/launcher/environment.ts';
import { defaultPath } from './cmd/find-program.ts';
import type { User } from './cmd/user.ts';
import type { Config } from './config.ts';

/** The prefix of the orchestrator's own variables, which no child may see. */
export const ownVariablesPrefix = 'CIRCLECI_GOAT';

/** The task agent's command line; its options are the agent's contract. */
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

/** The container's environment for the agent: with its own directory at the end of PATH, and the user's HOME. */
export function agentEnvironment(
  container: Environment,
  config: Config,
  user: User | undefined,
): Environment {
  let environment = container.without(ownVariablesPrefix);
  const [program = ''] = splitAgentPath(config);
  if (program.includes('/')) {
    environment = environment.with('PATH', extendPath(environment.getBytes('PATH'), path.dirname(program)));
  }
  return user === undefined ? environment : environment.with('HOME', user.home);
}

function splitAgentPath(config: Config): string[] {
  return config.task_agent_path.split(' ').filter((word) => word !== '');
}

/** Without a PATH, programs search a default one; setting it must not take that away. */
function extendPath(searchPath: Buffer | undefined, directory: string): Buffer {
  const extended = searchPath ?? Buffer.from(defaultPath);
  const separator = extended.length === 0 ? '' : ':';
  return Buffer.concat([extended, Buffer.from(`${separator}${directory}`)]);
}
