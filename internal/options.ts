import type { Environment } from './environment.ts';
import { Failure, sharedKinds } from './failure.ts';

interface Described<T> {
  /** How it is given on the command line: `--name <value>` for a flag, `[NAME]` for an operand. */
  readonly syntax: `--${string} <${string}>` | `[${string}]`;
  /** The variable that stands for it. */
  readonly variable: string;
  readonly description: string;
  /** @throws Error with one line, which may quote the text */
  readonly parse: (text: string) => T;
  /** Whether it holds what nobody may see: neither help nor messages nor arguments of other programs have it. */
  readonly secret?: boolean;
}

interface WithDefault {
  /** As one would write it. An empty variable stands for it, too. */
  readonly default: string;
}

interface WithoutDefault {
  /** What it is, for the message that it is missing. */
  readonly required: string;
}

/** What may be given on the command line or by a variable. */
export type OptionRule<T> = Described<T> & (WithDefault | WithoutDefault);

/** A command's options by their names in the code. */
export type OptionRules = Readonly<Record<string, OptionRule<unknown>>>;

/** What comes of a command's options, by the same names. */
export type OptionValues<Rules extends OptionRules> = {
  readonly [Name in keyof Rules]: ReturnType<Rules[Name]['parse']>;
};

/** The texts that were given on the command line. */
export type GivenTexts = Readonly<Record<string, string | undefined>>;

/**
 * The value of each option: as it is given, else as its variable says, else its default.
 *
 * @throws Failure 'usage' with one line that names what is wrong or missing
 */
export function optionValues<Rules extends OptionRules>(
  rules: Rules,
  given: GivenTexts,
  environment: Environment,
): OptionValues<Rules> {
  const values = Object.entries(rules).map(([name, rule]) => [
    name,
    parseOption(rule, given[name] ?? textWithoutFlag(rule, environment)),
  ]);
  return Object.fromEntries(values) as OptionValues<Rules>;
}

function textWithoutFlag(rule: OptionRule<unknown>, environment: Environment): string {
  const text = environment.get(rule.variable);
  if ('default' in rule) {
    return text || rule.default;
  }
  if (text === undefined) {
    const byFlag = rule.secret ? '' : `give ${nameOf(rule)} or `;
    throw new Failure(sharedKinds.usage, `${rule.required} is missing: ${byFlag}set ${rule.variable}.`);
  }
  return text;
}

/** What an error may quote of a value: nothing long, and nothing that could be a secret gone astray. */
const quotable = /^[^{}"]{0,64}$/;

/** @throws Failure 'usage' with one line that names flag and variable, and the value if it can be no secret */
export function parseOption<T>(rule: OptionRule<T>, text: string): T {
  try {
    return rule.parse(text);
  } catch (error) {
    const reason = error instanceof Error && quotable.test(text) ? error.message : 'the value makes no sense';
    throw new Failure(sharedKinds.usage, `${nameOf(rule)} (${rule.variable}): ${reason}.`);
  }
}

/** `--name` of a flag. */
export function nameOf(rule: OptionRule<unknown>): string {
  const [name = ''] = rule.syntax.split(' ');
  return name;
}
