import { Command } from 'commander';

/** A command line with the options of the stamp, a `Stamp`. The defaults are for builds by hand. */
export function commandWithStamp(name: string): Command {
  return new Command(name)
    .option('--version <V>', 'of the stamp', 'dev')
    .option('--commit <C>', 'of the stamp', 'none')
    .option('--date <D>', 'of the stamp', 'unknown');
}
