import { type Command, CommanderError } from 'commander';

const helpWidth = 100;

/**
 * Parses arguments with commander, which neither prints nor ends the process, and looks the same everywhere.
 *
 * @param argv arguments only, without the program
 * @returns what commander has to print, such as the help; '' if an action ran
 * @throws CommanderError
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
  try {
    program.parse(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError && error.exitCode === 0)) throw error;
  }
  return printed;
}
