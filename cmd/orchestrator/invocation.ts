import { Failure, sharedKinds } from '../../internal/failure.ts';
import type { LogFormat } from '../../internal/log/logger.ts';
import * as rules from './options.ts';

export interface CommonOptions {
  /** ms */
  readonly shutdownDelay: number;
  readonly logFormat: LogFormat;
}

export interface TaskOptions extends CommonOptions {
  /** ms */
  readonly terminationGracePeriod: number;
  readonly healthCheckAddr: string;
  readonly config: string;
}

/** What the command line and the variables ask for; durations in ms. */
export type Invocation =
  | ({ readonly command: 'init'; readonly source: string; readonly destination: string } & CommonOptions)
  | ({ readonly command: 'run-task' } & TaskOptions)
  | ({
      readonly command: 'override';
      readonly entrypoint: readonly string[];
      /** Those of the flags that were given on the command line, for `run-task`; never the configuration. */
      readonly flags: readonly string[];
    } & TaskOptions)
  | { readonly command: 'print'; readonly text: string };

/** The variables that stand for flags and arguments; cmd/orchestrator/main.ts shows the parser these and no others. */
export const ownVariables = [
  'SOURCE',
  'DESTINATION',
  rules.entrypoint.variable,
  rules.terminationGracePeriod.variable,
  rules.healthCheckAddr.variable,
  rules.shutdownDelay.variable,
  rules.logFormat.variable,
] as const;

export const configVariable = 'CIRCLECI_GOAT_CONFIG';

/**
 * Parses the arguments that follow the program's name. What has no flags, as the container runner starts `init` and
 * `run-task`, does without commander, which would take a tenth of the time to the agent's start.
 *
 * @param argv arguments only, without the program
 * @param environmentConfig the configuration's variable, which commander is not shown
 * @throws Failure 'usage' with one line that never quotes what could be a secret
 */
export async function parseInvocation(
  argv: readonly string[],
  environmentConfig: string | undefined,
  versionText: string,
): Promise<Invocation> {
  if (argv.length === 1 && argv[0] === 'run-task') {
    return runTaskByVariables(environmentConfig);
  }
  const [command = 'init', ...operands] = argv;
  if (command === 'init' && operands.length <= 2 && !operands.some((operand) => operand.startsWith('-'))) {
    return initByVariables(...operands);
  }
  const { parseCommandLine } = await import('./cli.ts');
  return parseCommandLine(argv, environmentConfig, versionText);
}

/** What `run-task` without flags means. @throws Failure 'usage' */
export function runTaskByVariables(environmentConfig: string | undefined): Invocation {
  return {
    command: 'run-task',
    terminationGracePeriod: byVariable(rules.terminationGracePeriod),
    healthCheckAddr: byVariable(rules.healthCheckAddr),
    shutdownDelay: byVariable(rules.shutdownDelay),
    logFormat: byVariable(rules.logFormat),
    config: requireConfig(environmentConfig),
  };
}

/** What `init` without flags means. @throws Failure 'usage' */
export function initByVariables(source?: string, destination?: string): Invocation {
  return initInvocation(source, destination, {
    shutdownDelay: byVariable(rules.shutdownDelay),
    logFormat: byVariable(rules.logFormat),
  });
}

export function initInvocation(
  source: string | undefined,
  destination: string | undefined,
  options: CommonOptions,
): Invocation {
  return {
    command: 'init',
    source: source || process.env.SOURCE || '/',
    destination: destination || process.env.DESTINATION || '/opt/circleci/bin',
    ...options,
  };
}

/** @throws Failure 'usage' if there is none */
export function requireConfig(config: string | undefined): string {
  if (config === undefined) {
    throw new Failure(
      sharedKinds.usage,
      `The task's configuration is missing: set ${configVariable}. ${rules.help}`,
    );
  }
  return config;
}

function byVariable<T>(rule: rules.DefaultedRule<T>): T {
  const text = process.env[rule.variable];
  return text === undefined ? rule.default.value : rules.parseValue(rule, text);
}
