import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { repository } from '../../packer/repository.ts';
import { textsIn } from './source-texts.ts';

const controller = '{cmd/container-agent,runner,clients,internal}/**/*.ts';

/** Pages with tables of messages, and the sources that print them. */
const pages: readonly (readonly [page: string, ...sources: string[]])[] = [
  [
    'docs/orchestrator/troubleshooting.md',
    '{cmd/orchestrator,task,init,clients/runner,internal}/**/*.ts',
    'internal/launcher/**/*.{c,h}',
  ],
  ['docs/container-runner/troubleshooting.md', controller],
  ['docs/container-runner/configuration.md', controller],
];

test.each(pages)('a source prints every message that %s explains', (page, ...globs) => {
  const printed = printedBy(globs);
  const rows = messagesOn(page);
  expect(rows.length).toBeGreaterThan(20);
  expect(rows.filter(({ text }) => !fixedParts(text).every((part) => printed.includes(part)))).toEqual([]);
});

test('a message that no source prints is found, also if its words are common', () => {
  const printed = printedBy([controller]);
  for (const text of ['the Pod was not found', 'claiming is over', 'a task was killed by … at …'])
    expect(fixedParts(text).every((part) => printed.includes(part))).toBe(false);
});

/** The texts that sources print, for looking up messages. */
function printedBy(globs: readonly string[]): { includes(words: readonly string[]): boolean } {
  const exclude = (file: string) => /\.test\.ts$|fixture|test-client|internal\/(dev|packer)/.test(file);
  const files = globSync([...globs], { cwd: repository, exclude });
  const texts = files.flatMap((file) => textsIn(join(repository, file)));
  const lookUp = `\0${[...new Set(texts)].map((text) => ` ${wordsOf(text).join(' ')} `).join('\0')}\0`;

  /** Whether these words are one text, or several in a row. Inside of a row, a text must be complete. */
  function includes(words: readonly string[], isStart = true): boolean {
    return words.some((_, last) => {
      const end = words.length - last;
      const isWhole = end === words.length;
      const piece = `${isStart ? '' : '\0'} ${words.slice(0, end).join(' ')} ${isWhole ? '' : '\0'}`;
      return lookUp.includes(piece) && (isWhole || includes(words.slice(end), false));
    });
  }
  return { includes };
}

interface Row {
  readonly line: number;
  readonly text: string;
}

/** The texts in backticks in each column of messages on a page. */
function messagesOn(page: string): Row[] {
  const lines = readFileSync(join(repository, page), 'utf8').split('\n');
  let columns: number[] = [];
  return lines.flatMap((line, index) => {
    const cells = line.startsWith('|')
      ? line.split(/(?<!\\)\|/).map((cell) => cell.replaceAll('\\|', '|'))
      : [];
    if (lines[index + 1]?.startsWith('|--'))
      columns = cells.flatMap((cell, at) => (isHeading(cell) ? [at] : []));
    const inColumns = cells.filter((_, at) => columns.includes(at)).join('\n');
    return [...inColumns.matchAll(/`([^`]+)`/g)].map(([, text = '']) => ({ line: index + 1, text }));
  });
}

function isHeading(cell: string): boolean {
  return /^(Message|Event|Warning|Part of the message|Beginning)$/i.test(cell.trim());
}

/** The words of each fixed part of a message. */
function fixedParts(message: string): string[][] {
  return message
    .split(/…|\.\.\./)
    .map(wordsOf)
    .filter((words) => words.length > 0);
}

/** The words of a text, without possible values: numbers, codes, names of fields, variables and flags. */
function wordsOf(text: string): string[] {
  const found = text.match(/[\p{L}\d_$'’./-]+/gu) ?? [];
  const value = /^(-.*|\d[\d.]*|[A-Z0-9_]{3,}|[A-Z][a-z]+[A-Z]\w*|.*\w\.\w.*)$/;
  return found
    .map((word) => word.replaceAll(/^[.']+|[.'-]+$/g, ''))
    .filter((word) => word !== '' && !value.test(word))
    .map((word) => word.toLowerCase());
}
