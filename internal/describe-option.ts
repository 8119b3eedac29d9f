import type { OptionRule } from './options.ts';

/** The text for the help: the description, then the default, with quotes around texts, and the variable. */
export function describeOption(rule: OptionRule<unknown>): string {
  const variable = `env: ${rule.variable}`;
  if (!('default' in rule)) return `${rule.description} (${variable})`;
  const isText = typeof rule.parse(rule.default) === 'string';
  const value = isText ? JSON.stringify(rule.default) : rule.default;
  return `${rule.description} (default: ${value}, ${variable})`;
}
