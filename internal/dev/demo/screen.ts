import { styleText } from 'node:util';

/** The speaker of a line in the demo. */
export type Voice =
  | 'demo'
  | 'cluster'
  | 'init'
  | 'orchestrator'
  | 'entrypoint'
  | 'agent'
  | 'probe'
  | 'runner API';

const voiceWidth = 12;
const labelWidth = 13;

const colors = {
  demo: 'cyan',
  cluster: 'blue',
  init: 'blue',
  orchestrator: 'blue',
  entrypoint: 'yellow',
  agent: 'yellow',
  probe: 'green',
  'runner API': 'magenta',
} as const;

/** Colours appear only on a terminal, and not if NO_COLOR is set: styleText checks the stream. */
export function title(text: string): void {
  print(`\n${styleText('bold', text)}\n`);
}

/** Prints a line of the story, or several if the text has line feeds. */
export function say(voice: Voice, text: string): void {
  for (const line of text.split('\n')) {
    print(`${styleText(colors[voice], voice.padStart(voiceWidth))} │ ${line}`);
  }
}

/** Prints a line of the summary. Further lines of the text have the same indentation as the first. */
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

/** A duration for people. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** The beginning of a text that is longer than a line. */
export function shorten(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text;
}
