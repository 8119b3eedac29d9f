/** Turns `help`, `help COMMAND` and `version`, which other programs accept, into the flags. */
export function withFlagsForWords(argv: readonly string[]): readonly string[] {
  const [word, ...rest] = argv;
  if (word === 'help') return [...rest, '--help'];
  return word === 'version' && rest.length === 0 ? ['--version'] : argv;
}
