/** `help`, `help COMMAND` and `version` are what other programs have in place of the flags. */
export function withFlagsForWords(argv: readonly string[]): readonly string[] {
  const [word, ...rest] = argv;
  if (word === 'help') return [...rest, '--help'];
  return word === 'version' && rest.length === 0 ? ['--version'] : argv;
}
