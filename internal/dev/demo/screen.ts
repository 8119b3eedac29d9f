import { styleText } from 'node:util';

/** Who says a line of the demo. */
export type Voice = 'demo' | 'init' | 'orchestrator' | 'entrypoint' | 'agent' | 'probe' | 'runner API';

const voiceWidth = 12;
const labelWidth = 13;

const colors = {
  demo: 'cyan',
  init: 'blue',
  orchestrator: 'blue',
  entrypoint: 'yellow',
  agent: 'yellow',
  probe: 'green',
  'runner API': 'magenta',
} as const;

/** Colours appear on a terminal only, and not where NO_COLOR is set: styleText looks at the stream. */
export function title(text: string): void {
  print(`\n${styleText('bold', text)}\n`);
}

/** One line of the story; several, if the text has line feeds. */
export function say(voice: Voice, text: string): void {
  for (const line of text.split('\n')) {
    print(`${styleText(colors[voice], voice.padStart(voiceWidth))} │ ${line}`);
  }
}

/** A line of the summary; further lines of the text are indented as the first. */
export function summarize(label: string, text: string): void {
  const [first = '', ...rest] = text.split('\n');
  print(`  ${styleText('bold', label.padEnd(labelWidth))}${first}`);
  for (const line of rest) {
    print(`  ${' '.repeat(labelWidth)}${line}`);
  }
}

/** A promise of the demo and whether it was kept. */
export function verdict(kept: boolean, promise: string): void {
  print(`  ${kept ? styleText('green', '✓') : styleText('red', '✗ NOT SO:')} ${promise}`);
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
