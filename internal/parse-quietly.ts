import { type Command, CommanderError } from 'commander';
import { Failure, sharedKinds } from './failure.ts';
import { nearestOf } from './nearest.ts';

const helpWidth = 100;

/**
 * Parses arguments with commander. Commander neither prints nor ends the process here, and formats the same everywhere.
 *
 * @param argv arguments only, without the program
 * @returns commander's output, such as the help. '' if an action ran
 * @throws Failure 'usage' with one line that never quotes a possible secret. Commander quotes unknown arguments, and
 * such an argument may be a configuration without its flag or its quotes
 */
export function parseQuietly(program: Command, argv: readonly string[]): string {
  let printed = '';
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
  const [word = '-'] = argv;
  // Commander prints its help for an unknown command, too.
  if (!word.startsWith('-') && !namesOf(program).includes(word)) throw unknownCommand(word, program);
  try {
    program.parse(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) throw usage(describe(error, program));
  }
  return printed;
}

function describe({ code, message }: CommanderError, program: Command): string {
  switch (code) {
    case 'commander.excessArguments': {
      const [, command = 'this program'] = /too many arguments for '(\w[\w-]*)'/.exec(message) ?? [];
      return `Too many arguments for ${command}.`;
    }
    case 'commander.unknownOption': {
      const [, option = ''] = /'(-[\w-]{1,40})/.exec(message) ?? [];
      const commands = [program, ...program.commands];
      const known = commands.flatMap(({ options }) => options.flatMap(({ long }) => long ?? []));
      return `Unknown option ${option}.${askFor(option, [...new Set(known), '--help'])}`;
    }
    case 'commander.missingArgument': {
      const [, argument = 'argument'] = /'([\w-]+)'/.exec(message) ?? [];
      return `The argument <${argument}> is missing.`;
    }
    default: {
      // The only other error is a missing value. Its message names only the option.
      const [, option = 'an option'] = /'(--[\w-]+)/.exec(message) ?? [];
      return `The value of ${option} is missing.`;
    }
  }
}

/** Quotes the word only if it looks like a command. */
function unknownCommand(word: string, program: Command): Failure {
  const quoted = /^[a-z_-]{1,20}$/i.test(word) ? ` "${word}"` : '';
  const names = namesOf(program).toSorted();
  const expected = `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
  return usage(
    `Unknown command${quoted}; expected ${expected}.${askFor(word, [...names, 'help', 'version'])}`,
  );
}

function namesOf(program: Command): string[] {
  return program.commands.map((command) => command.name());
}

function askFor(word: string, known: readonly string[]): string {
  const meant = nearestOf(word, known);
  return meant === undefined ? '' : ` Is ${meant} meant?`;
}

function usage(message: string): Failure {
  return new Failure(sharedKinds.usage, message);
}
