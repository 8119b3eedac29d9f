import { InvalidArgumentError } from 'commander';

/**
 * Reads the value of an option: a whole number in decimal digits.
 *
 * @throws InvalidArgumentError, which commander makes a line with the option's name
 */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(number) && number >= least) return number;
    throw new InvalidArgumentError(`Expected a whole number of at least ${least}.`);
  };
}
