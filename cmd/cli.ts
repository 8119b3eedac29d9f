import { Command, CommanderError, Option } from 'commander';
import { Failure } from '../internal/failure.ts';
import {
  checkListenAddress,
  createOption,
  help,
  logFormats,
  parseDuration,
  parseEntrypoint,
  parseLogFormat,
} from './options.ts';

interface CommonOptions {
  readonly shutdownDelay: number;
  readonly logFormat: 'text' | 'json';
}

interface TaskOptions extends CommonOptions {
  /** ms */
  readonly terminationGracePeriod: number;
  readonly healthCheckAddr: string;
  readonly config: string;
}

type GivenOptions = Omit<TaskOptions, 'config'> & { readonly config?: string };

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

/** The variables that stand for flags and arguments; cmd/main.ts shows commander these and no others. */
export const ownVariables = [
  'SOURCE',
  'DESTINATION',
  'CIRCLECI_GOAT_ENTRYPOINT',
  'CIRCLECI_GOAT_TERMINATION_GRACE_PERIOD',
  'CIRCLECI_GOAT_HEALTH_CHECK_ADDR',
  'CIRCLECI_GOAT_SHUTDOWN_DELAY',
  'CIRCLECI_GOAT_LOG_FORMAT',
] as const;

export const configVariable = 'CIRCLECI_GOAT_CONFIG';

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
    .addOption(
      createOption(
        '--shutdown-delay <duration>',
        'CIRCLECI_GOAT_SHUTDOWN_DELAY',
        'how long to wait after a termination signal before the grace period',
        parseDuration,
      ).default(0, '0s'),
    )
    .addOption(
      createOption(
        '--log-format <format>',
        'CIRCLECI_GOAT_LOG_FORMAT',
        `how log lines are written: ${logFormats.join(' or ')}`,
        parseLogFormat,
      ).default('text'),
    )
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

  addTaskOptions(program.command('override'))
    .description('become the custom entrypoint, with run-task as the command that it is to run')
    .addOption(
      createOption(
        '--entrypoint <command>',
        'CIRCLECI_GOAT_ENTRYPOINT',
        'the custom entrypoint and its arguments, separated by commas',
        parseEntrypoint,
      ),
    )
    .action((_options, command: Command) => {
      const options = withConfig(
        command.optsWithGlobals<GivenOptions & { entrypoint?: string[] }>(),
        environmentConfig,
      );
      const { entrypoint } = options;
      if (entrypoint === undefined) {
        throw new Failure(
          'usage',
          `The custom entrypoint is missing: give --entrypoint or set CIRCLECI_GOAT_ENTRYPOINT. ${help}`,
        );
      }
      onParsed({ command: 'override', ...options, entrypoint, flags: givenFlags(program, command) });
    });
  return program;
}

function addTaskOptions(command: Command): Command {
  return command
    .addOption(
      createOption(
        '--termination-grace-period <duration>',
        'CIRCLECI_GOAT_TERMINATION_GRACE_PERIOD',
        'how long the task may go on after a termination signal',
        parseDuration,
      ).default(10_000, '10s'),
    )
    .addOption(
      createOption(
        '--health-check-addr <address>',
        'CIRCLECI_GOAT_HEALTH_CHECK_ADDR',
        'where the health checks listen',
        checkListenAddress,
      ).default(':7623'),
    )
    .addOption(new Option('--config <json>').hideHelp());
}

function initInvocation(
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

function withConfig<T extends { config?: string }>(
  options: T,
  environmentConfig: string | undefined,
): T & { config: string } {
  const config = options.config ?? environmentConfig;
  if (config === undefined) {
    throw new Failure('usage', `The task's configuration is missing: set ${configVariable}. ${help}`);
  }
  return { ...options, config };
}

/** The flags of `run-task` as they were given to `override`, the configuration left out: argument lists are public. */
function givenFlags(program: Command, command: Command): string[] {
  const notPassedOn = new Set(['config', 'entrypoint', 'version']);
  return [command, program].flatMap((owner) =>
    owner.options
      .filter((option) => owner.getOptionValueSource(option.attributeName()) === 'cli')
      .filter((option) => !notPassedOn.has(option.attributeName()))
      .map((option) => `${option.long}=${formatFlag(owner.getOptionValue(option.attributeName()))}`),
  );
}

/** Durations were parsed to ms, which may have decimals; Go's notation takes those too. */
function formatFlag(value: unknown): string {
  return typeof value === 'number' ? `${value}ms` : String(value);
}

/** Commander quotes arguments it does not know, which may be a configuration that lost its flag or its quotes. */
function usageFailure(error: CommanderError): Failure {
  switch (error.code) {
    case 'commander.excessArguments':
    case 'commander.unknownCommand':
      return new Failure(
        'usage',
        `Unknown command or too many arguments; expected init, override or run-task. ${help}`,
      );
    case 'commander.unknownOption': {
      const [, option = ''] = /'(-[\w-]{1,40})/.exec(error.message) ?? [];
      return new Failure('usage', `Unknown option ${option}. ${help}`);
    }
    default:
      // What is left is about an option's missing value, and names the option only.
      return new Failure('usage', `${error.message.replace(/^error: /, '')}. ${help}`);
  }
}
