import type { Environment } from '../../internal/environment.ts';
import { type GivenTexts, type OptionValues, optionValues } from '../../internal/options.ts';
import { initOptions, type overrideOptions, type taskOptions } from './options.ts';

/** The meaning of the command line and the variables. Durations are in ms. */
export type Invocation =
  | ({ readonly command: 'init' } & OptionValues<typeof initOptions>)
  | ({ readonly command: 'run-task' } & OptionValues<typeof taskOptions>)
  | ({
      readonly command: 'override';
      /** The flags of the command line that `run-task` needs, but never the configuration. */
      readonly flags: readonly string[];
    } & OptionValues<typeof overrideOptions>)
  | { readonly command: 'print'; readonly text: string };

/**
 * The invocation of `init`.
 *
 * @param operands SOURCE and DESTINATION, if they are given. An empty operand counts as not given
 */
export function initInvocation(
  [source, destination]: readonly (string | undefined)[],
  given: GivenTexts,
  environment: Environment,
): Invocation {
  const texts = { ...given, source: source || undefined, destination: destination || undefined };
  return { command: 'init', ...optionValues(initOptions, texts, environment) };
}
