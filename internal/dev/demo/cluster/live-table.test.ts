import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { LiveTable } from './live-table.ts';

/** A table, and its output since the last call. */
function tableOn(terminal: { isTTY?: boolean; columns?: number }) {
  const stream = Object.assign(new PassThrough({ encoding: 'utf8' }), terminal);
  return { table: new LiveTable('HEAD', stream), stream, written: (): string => stream.read() ?? '' };
}

const lines = (...texts: string[]) => texts.map((text) => ({ text }));

test('a pipe gets the head once, and a line for each change', () => {
  const { table, written } = tableOn({});
  table.show(lines('a 1', 'b 1'));
  expect(written()).toBe('HEAD\na 1\nb 1\n');
  table.show(lines('a 1', 'b 2'));
  table.show(lines('a 1', 'b 2'));
  expect(written()).toBe('b 2\n');
});

test('a terminal gets the whole table again, in place of the old one', () => {
  const { table, written } = tableOn({ isTTY: true, columns: 80 });
  table.show(lines('a 1', 'b 1'));
  expect(written()).toBe('HEAD\na 1\nb 1\n');
  table.show(lines('a 1', 'b 2'));
  expect(written()).toBe('\x1b[3A\x1b[0JHEAD\na 1\nb 2\n');
  table.show(lines('a 1', 'b 2'));
  expect(written()).toBe('');
});

test.each([
  [true, '\x1b[2A\x1b[0JABOVE\nHEAD\na 1\n'],
  [false, 'ABOVE\n'],
])('what is printed above the table stays there (terminal: %j)', (isTTY, expected) => {
  const { stream, table, written } = tableOn({ isTTY });
  table.show(lines('a 1'));
  written();
  table.above(() => stream.write('ABOVE\n'));
  expect(written()).toBe(expected);
});

test.each([
  ['a terminal', { isTTY: true, columns: 40 }, 39],
  ['a terminal that does not know its width', { isTTY: true, columns: 0 }, 79],
  ['a pipe', {}, 200],
])('%s gets as much of a long line as it shows in one', (_what, screen, shown) => {
  const { table, written } = tableOn(screen);
  table.show([{ text: 'x'.repeat(200), color: 'red' }]);
  expect(stripVTControlCharacters(written())).toBe(`HEAD\n${'x'.repeat(shown)}\n`);
});
