import type { Environment } from '../../internal/environment.ts';
import { Failure, sharedKinds } from '../../internal/failure.ts';
import { withFlagsForWords } from '../../internal/flags-for-words.ts';
import type { LogFormat } from '../../internal/log/logger.ts';
import { nameOf, optionValues } from '../../internal/options.ts';
import { type Invocation, initInvocation } from './invocation.ts';
import { commonOptions, taskOptions } from './options.ts';

/**
 * Parses the arguments after the program's name. Commander would delay the agent's start
 * (docs/decisions/start-up-time.md), so it is not used for commands without flags. The container runner
 * starts `init` and `run-task` without flags.
 *
 * @param argv arguments only, without the program
 * @param environment the container's, with the variables of flags and arguments
 * @throws Failure 'usage' with one line that never quotes what could be a secret
 */
export async function parseInvocation(
  argv: readonly string[],
  environment: Environment,
  versionText: string,
): Promise<Invocation> {
  try {
    return parseWithoutFlags(argv, environment) ?? (await parseWithFlags(argv, environment, versionText));
  } catch (error) {
    throw error instanceof Failure
      ? new Failure(sharedKinds.usage, `${error.message} See orchestrator --help.`)
      : error;
  }
}

function parseWithoutFlags(argv: readonly string[], environment: Environment): Invocation | undefined {
  const [command = 'init', ...operands] = argv;
  if (command === 'run-task' && operands.length === 0)
    return { command, ...optionValues(taskOptions, {}, environment) };
  if (command === 'init' && operands.length <= 2 && !operands.some((operand) => operand.startsWith('-')))
    return initInvocation(operands, {}, environment);
  return undefined;
}

async function parseWithFlags(
  argv: readonly string[],
  environment: Environment,
  versionText: string,
): Promise<Invocation> {
  const { parseCommandLine } = await import('./cli.ts');
  return parseCommandLine(withFlagsForWords(argv), environment, versionText);
}

/**
 * The log format to use for the line about a command line or a variable that cannot be parsed. If the format is
 * unclear, it is text.
 */
export function formatOfUsageError(argv: readonly string[], environment: Environment): LogFormat {
  const { logFormat } = commonOptions;
  const flag = nameOf(logFormat);
  const given = argv.findLastIndex((argument) => argument === flag || argument.startsWith(`${flag}=`));
  const text =
    given === -1
      ? environment.get(logFormat.variable)
      : argv[given]?.slice(flag.length + 1) || argv[given + 1];
  return text === 'json' ? text : 'text';
}
