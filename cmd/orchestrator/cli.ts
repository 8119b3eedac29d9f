import { Command, CommanderError, Option } from 'commander';
import { Failure, sharedKinds } from '../../internal/failure.ts';
import { type Invocation, initInvocation, requireConfig, type TaskOptions } from './invocation.ts';
import * as rules from './options.ts';

type GivenOptions = Omit<TaskOptions, 'config'> & { readonly config?: string };

const helpWidth = 100;

/**
 * Parses the arguments that follow the program's name.
 *
 * @param argv arguments only, without the program
 * @param environmentConfig the configuration's variable, which commander is not shown
 * @throws Failure 'usage' with one line that never quotes what could be a secret
 */
export function parseCommandLine(
  argv: readonly string[],
  environmentConfig: string | undefined,
  versionText: string,
): Invocation {
  let invocation: Invocation | undefined;
  let printed = '';
  const program = createProgram(
    versionText,
    (parsed) => {
      invocation = parsed;
    },
    environmentConfig,
  );
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => {
        printed += text;
      },
      outputError: () => undefined,
      getOutHelpWidth: () => helpWidth,
      getErrHelpWidth: () => helpWidth,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
  }
  try {
    program.parse(argv, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) {
      return { command: 'print', text: printed };
    }
    throw error instanceof CommanderError ? usageFailure(error) : error;
  }
  return invocation ?? { command: 'print', text: printed };
}

function createProgram(
  versionText: string,
  onParsed: (invocation: Invocation) => void,
  environmentConfig: string | undefined,
): Command {
  const program = new Command('orchestrator')
    .description(
      'Runs a CircleCI task in a container of any image: copies itself and the task agent to a shared volume (init), then starts and watches the agent there (run-task). Without a command: init.',
    )
    .usage('[init [SOURCE [DESTINATION]] | override | run-task] [options]')
    .version(versionText, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .configureHelp({ showGlobalOptions: true })
    .addOption(createDefaulted(rules.shutdownDelay))
    .addOption(createDefaulted(rules.logFormat))
    .addHelpCommand(false)
    .allowExcessArguments(false)
    .action(() => onParsed(initInvocation(undefined, undefined, program.opts())));

  program
    .command('init')
    .description('copy the orchestrator and the task agent to a shared volume')
    .argument('[SOURCE]', 'directory to copy from (default: "/", env: SOURCE)')
    .argument('[DESTINATION]', 'directory to copy to (default: "/opt/circleci/bin", env: DESTINATION)')
    .action((source, destination, _options, command: Command) =>
      onParsed(initInvocation(source, destination, command.optsWithGlobals())),
    );

  addTaskOptions(program.command('run-task'))
    .description('start the task agent and a custom entrypoint, watch them, and report failures')
    .action((_options, command: Command) => {
      const options = withConfig(command.optsWithGlobals<GivenOptions>(), environmentConfig);
      onParsed({ command: 'run-task', ...options });
    });

  const override = addTaskOptions(program.command('override'));
  const flags = collectFlags(program, override);
  override
    .description('become the custom entrypoint, with run-task as the command that it is to run')
    .addOption(createOption(rules.entrypoint))
    .action((_options, command: Command) => {
      const options = withConfig(
        command.optsWithGlobals<GivenOptions & { entrypoint?: string[] }>(),
        environmentConfig,
      );
      const { entrypoint } = options;
      if (entrypoint === undefined) {
        throw new Failure(
          sharedKinds.usage,
          `The custom entrypoint is missing: give --entrypoint or set CIRCLECI_GOAT_ENTRYPOINT. ${rules.help}`,
        );
      }
      onParsed({ command: 'override', ...options, entrypoint, flags: flags() });
    });
  return program;
}

function addTaskOptions(command: Command): Command {
  return command
    .addOption(createDefaulted(rules.terminationGracePeriod))
    .addOption(createDefaulted(rules.healthCheckAddr))
    .addOption(new Option('--config <json>').hideHelp());
}

/** Commander's own errors would quote the value, whatever it is. */
function createOption<T>(rule: rules.OptionRule<T>): Option {
  return new Option(rule.flags, rule.description)
    .env(rule.variable)
    .argParser((text) => rules.parseValue(rule, text));
}

function createDefaulted<T>(rule: rules.DefaultedRule<T>): Option {
  return createOption(rule).default(rule.default.value, rule.default.text);
}

function withConfig<T extends { config?: string }>(
  options: T,
  environmentConfig: string | undefined,
): T & { config: string } {
  return { ...options, config: requireConfig(options.config ?? environmentConfig) };
}

/**
 * Collects the flags of `run-task` as they are given to `override`, the configuration left out: argument lists are
 * public.
 */
function collectFlags(program: Command, command: Command): () => string[] {
  const given = new Map<string, string>();
  for (const { flags } of rules.taskOptions) {
    const [flag = ''] = flags.split(' ');
    for (const owner of [program, command]) {
      owner.on(`option:${flag.slice(2)}`, (text: string) => given.set(flag, text));
    }
  }
  return () => [...given].map(([flag, text]) => `${flag}=${text}`);
}

/** Commander quotes arguments it does not know, which may be a configuration that lost its flag or its quotes. */
function usageFailure(error: CommanderError): Failure {
  switch (error.code) {
    case 'commander.excessArguments':
    case 'commander.unknownCommand':
      return new Failure(sharedKinds.usage, `${describeExcess(error.message)} ${rules.help}`);
    case 'commander.unknownOption': {
      const [, option = ''] = /'(-[\w-]{1,40})/.exec(error.message) ?? [];
      return new Failure(sharedKinds.usage, `Unknown option ${option}. ${rules.help}`);
    }
    default: {
      // What is left is about an option's missing value, and names the option only.
      const [, option = 'an option'] = /'(--[\w-]+)/.exec(error.message) ?? [];
      return new Failure(sharedKinds.usage, `The value of ${option} is missing. ${rules.help}`);
    }
  }
}

function describeExcess(message: string): string {
  const [, command] = /^error: too many arguments for '(\w[\w-]*)'/.exec(message) ?? [];
  return command === undefined
    ? 'Unknown command; expected init, override or run-task.'
    : `Too many arguments for ${command}.`;
}
