import type { Environment } from '../../internal/environment.ts';
import { Failure, sharedKinds } from '../../internal/failure.ts';
import { type OptionValues, optionValues } from '../../internal/options.ts';
import { initOptions, type overrideOptions, taskOptions } from './options.ts';

/** What the command line and the variables ask for; durations in ms. */
export type Invocation =
  | ({ readonly command: 'init' } & OptionValues<typeof initOptions>)
  | ({ readonly command: 'run-task' } & OptionValues<typeof taskOptions>)
  | ({
      readonly command: 'override';
      /** Those of the flags that were given on the command line, for `run-task`; never the configuration. */
      readonly flags: readonly string[];
    } & OptionValues<typeof overrideOptions>)
  | { readonly command: 'print'; readonly text: string };

/**
 * Parses the arguments that follow the program's name. What has no flags, as the container runner starts `init` and
 * `run-task`, does without commander, which would delay the agent's start (docs/decisions/start-up-time.md).
 *
 * @param argv arguments only, without the program
 * @param environment the container's, with the variables that stand for flags and arguments
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
  if (command === 'run-task' && operands.length === 0) {
    return { command, ...optionValues(taskOptions, {}, environment) };
  }
  if (command === 'init' && operands.length <= 2 && !operands.some((operand) => operand.startsWith('-'))) {
    return initInvocation(operands, {}, environment);
  }
  return undefined;
}

async function parseWithFlags(
  argv: readonly string[],
  environment: Environment,
  versionText: string,
): Promise<Invocation> {
  const { parseCommandLine } = await import('./cli.ts');
  return parseCommandLine(argv, environment, versionText);
}

/** @param operands SOURCE and DESTINATION, as far as they are given; an empty one counts as none */
export function initInvocation(
  [source, destination]: readonly (string | undefined)[],
  given: Readonly<Record<string, string>>,
  environment: Environment,
): Invocation {
  const texts = { ...given, source: source || undefined, destination: destination || undefined };
  return { command: 'init', ...optionValues(initOptions, texts, environment) };
}
