import { Argument, Command, Option } from 'commander';
import { describeOption } from '../../internal/describe-option.ts';
import type { Environment } from '../../internal/environment.ts';
import {
  type GivenTexts,
  nameOf,
  type OptionRule,
  type OptionRules,
  optionValues,
  parseOption,
} from '../../internal/options.ts';
import { parseQuietly } from '../../internal/parse-quietly.ts';
import { type Invocation, initInvocation } from './invocation.ts';
import { commonOptions, initOptions, overrideOptions, taskOptions } from './options.ts';

/** The flag is not in the help, because everyone can read argument lists. */
const aboutConfiguration = `
The task's configuration is JSON in the variable ${taskOptions.config.variable}.`;

/**
 * Parses the arguments after the program's name with commander. Commander does not see the environment.
 *
 * @param argv arguments only, without the program
 * @throws Failure 'usage' with one line that never quotes what could be a secret
 */
export function parseCommandLine(
  argv: readonly string[],
  environment: Environment,
  versionText: string,
): Invocation {
  let invocation: Invocation | undefined;
  const program = createProgram(versionText, environment, (parsed) => {
    invocation = parsed;
  });
  const text = parseQuietly(program, argv);
  return invocation ?? { command: 'print', text };
}

function createProgram(
  versionText: string,
  environment: Environment,
  onParsed: (invocation: Invocation) => void,
): Command {
  const given: Record<string, string> = {};
  const program = new Command('orchestrator')
    .description(
      'Runs a CircleCI task in a container of any image: copies itself and the task agent to a shared volume (init), then starts and watches the agent there (run-task). Without a command: init.',
    )
    .usage('[init [SOURCE [DESTINATION]] | override | run-task] [options]')
    .version(versionText, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .configureHelp({ showGlobalOptions: true })
    .addHelpCommand(false)
    .allowExcessArguments(false)
    .action(() => onParsed(initInvocation([], given, environment)));
  addOptions(program, commonOptions, given);

  const init = program
    .command('init')
    .description('copy the orchestrator and the task agent to a shared volume')
    .action((source, destination) => onParsed(initInvocation([source, destination], given, environment)));
  addOptions(init, initOptions, given);

  const runTask = program
    .command('run-task')
    .description('start the task agent and a custom entrypoint, watch them, and report failures')
    .action(() => onParsed({ command: 'run-task', ...optionValues(taskOptions, given, environment) }));
  addOptions(runTask, taskOptions, given);
  runTask.addHelpText('after', aboutConfiguration);

  const override = program
    .command('override')
    .description('become the custom entrypoint, and give it run-task as the command to run')
    .action(() => {
      const flags = givenFlags(given);
      onParsed({ command: 'override', ...optionValues(overrideOptions, given, environment), flags });
    });
  addOptions(override, overrideOptions, given);
  override.addHelpText('after', aboutConfiguration);
  return program;
}

/**
 * Gives a command its options and operands. The program itself has the options of all commands.
 *
 * @param given gets the texts of the parsed flags. They are parsed here because commander's own errors would
 * quote them
 */
function addOptions(command: Command, rules: OptionRules, given: Record<string, string>): void {
  const own = Object.entries(rules).filter(([name]) => command.parent === null || !(name in commonOptions));
  for (const [name, rule] of own) {
    if (rule.syntax.startsWith('[')) {
      command.addArgument(new Argument(rule.syntax, describeOption(rule)));
      continue;
    }
    const keep = (text: string) => {
      parseOption(rule, text);
      given[name] = text;
    };
    command.addOption(
      new Option(rule.syntax, describeOption(rule)).argParser(keep).hideHelp(rule.secret ?? false),
    );
  }
}

/** The flags of `run-task` that `override` got. Argument lists are public, so the result has no secret. */
function givenFlags(given: GivenTexts): string[] {
  return Object.entries<OptionRule<unknown>>(taskOptions)
    .filter(([name, rule]) => given[name] !== undefined && !rule.secret)
    .map(([name, rule]) => `${nameOf(rule)}=${given[name]}`);
}
