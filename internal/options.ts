import type { Environment } from './environment.ts';
import { Failure, sharedKinds } from './failure.ts';

interface Described<T> {
  /** Its form on the command line: `--name <value>` for a flag, `[NAME]` for an operand. */
  readonly syntax: `--${string} <${string}>` | `[${string}]`;
  /** Its variable. */
  readonly variable: string;
  readonly description: string;
  /**
   * @throws Error with one line. The line may quote the text
   */
  readonly parse: (text: string) => T;
  /**
   * Whether its value is a secret. The help, messages and arguments of other programs never have a secret.
   */
  readonly secret?: boolean;
}

interface WithDefault {
  /** The default, as a user would write it. It also applies if the variable is empty. */
  readonly default: string;
}

interface WithoutDefault {
  /** The name of the value, for the message that it is missing. */
  readonly required: string;
  /** A further sentence for that message. */
  readonly ifMissing?: string;
}

/** An option of the command line that a variable can set too. */
export type OptionRule<T> = Described<T> & (WithDefault | WithoutDefault);

/** A command's options by their names in the code. */
export type OptionRules = Readonly<Record<string, OptionRule<unknown>>>;

/** The values of a command's options, by the same names. */
export type OptionValues<Rules extends OptionRules> = {
  readonly [Name in keyof Rules]: ReturnType<Rules[Name]['parse']>;
};

/** The texts of the command line. */
export type GivenTexts = Readonly<Record<string, string | undefined>>;

/**
 * The value of each option: from the command line, or else from its variable, or else its default.
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
  if ('default' in rule) return text || rule.default;
  if (!text) {
    const byFlag = rule.secret ? '' : `give ${nameOf(rule)} or `;
    const hint = rule.ifMissing === undefined ? '' : ` ${rule.ifMissing}`;
    throw new Failure(
      sharedKinds.usage,
      `${rule.required} is missing: ${byFlag}set ${rule.variable}.${hint}`,
    );
  }
  return text;
}

/** The values that an error may quote: not a long one, and not one that could be a misplaced secret. */
const quotable = /^[^{}"]{0,64}$/;

/** Describes quotes or white space around a value, which an earlier tool should have removed. Undefined: none. */
export function describeWrapping(text: string): string | undefined {
  if (/^(["']).*\1$/s.test(text)) return 'the value is in quotes, which YAML or a shell should have removed';
  return text === text.trim() ? undefined : 'the value begins or ends with white space, such as a line feed';
}

/**
 * @throws Failure 'usage' with one line that names the flag and the variable, and the value if it cannot be a
 * secret
 */
export function parseOption<T>(rule: OptionRule<T>, text: string): T {
  try {
    return rule.parse(text);
  } catch (error) {
    const itself = error instanceof Error && quotable.test(text) ? error.message : 'the value is invalid';
    const reason = describeWrapping(text) ?? itself;
    throw new Failure(sharedKinds.usage, `${nameOf(rule)} (${rule.variable}): ${reason}.`);
  }
}

/** `--name` of a flag. */
export function nameOf(rule: OptionRule<unknown>): string {
  const [name = ''] = rule.syntax.split(' ');
  return name;
}
