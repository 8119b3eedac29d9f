import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { repository } from '../../packer/repository.ts';

/** The code before a message: it makes a failure, a line of the log, or a warning. */
const before =
  /new Failure\(\s*[\w.]+(?:\['[\w-]+'\])?,|new (?:StartError|RunnerApiError)\(|logger\.(?:info|warn|error)\(|give_up(?:_on_file)?\(/;
const beforeInRunner = new RegExp(
  `${before.source}|new (?:Credentials|ControllerSettings|TaskConfiguration|NotCreated)Error\\(|refuse\\(`,
);
const beforeMistake =
  /new (?:ControllerSettings|ResourceClasses)?Error\(|wrong\([^,]+,|warnings\.push\(|yield/;
/** Any text of several words. */
const beforeSentence = /(?:\breturn|[[,?:])(?=\s*['"`][^'"`]* )/;

/** Which page explains the messages of which sources. Shared sources are explained for the orchestrator. */
const parts: readonly {
  readonly page: string;
  readonly files: readonly string[];
  readonly before: RegExp;
}[] = [
  {
    page: 'docs/orchestrator/troubleshooting.md',
    files: ['{cmd/orchestrator,task,init,clients/runner,internal}/**/*.ts', 'internal/launcher/*.c'],
    before,
  },
  {
    page: 'docs/container-runner/troubleshooting.md',
    files: ['{cmd/container-agent,runner,clients/kubernetes}/**/*.ts'],
    before: beforeInRunner,
  },
  {
    page: 'docs/container-runner/troubleshooting.md',
    files: ['clients/runner/calls/*.ts'],
    before: /purpose:/,
  },
  {
    page: 'docs/container-runner/troubleshooting.md',
    files: ['runner/verdict/messages.ts'],
    before: beforeSentence,
  },
  {
    page: 'docs/container-runner/troubleshooting.md',
    files: ['runner/verdict/start-error.ts'],
    before: /\breturn/,
  },
  {
    page: 'docs/container-runner/configuration.md',
    files: ['runner/{settings,classes}/*.ts'],
    before: beforeMistake,
  },
];

describe.each(parts)('$page, $files', ({ before, files, page }) => {
  const sources = globSync([...files], {
    cwd: repository,
    exclude: (file) => /\.test\.ts$|fixture|test-client|internal\/(dev|packer)/.test(file),
  });
  const messages = sources.flatMap((file) =>
    listTexts(read(file), before).map((text) => ({ file, part: fixedPart(text) })),
  );

  test('the messages of every folder are found', () => {
    const folders = new Set(messages.map(({ file }) => dirname(file).split('/')[0]));
    expect([...folders].sort()).toEqual([...new Set(sources.map((file) => file.split('/')[0]))].sort());
    expect(messages.length).toBeGreaterThan(4);
  });

  test('the page explains every message', () => {
    const text = read(page).replaceAll('\\|', '|');
    expect(messages.filter(({ part }) => !text.includes(part.replace(/[.:;,]$/, '')))).toEqual([]);
  });
});

function read(file: string): string {
  return readFileSync(join(repository, file), 'utf8');
}

/** The texts in a source that follow the pattern. */
function listTexts(source: string, before: RegExp): string[] {
  const text = new RegExp(`(?:${before.source})\\s*(['"\`])((?:\\\\.|(?!\\1).)+)\\1`, 'gs');
  return [...source.matchAll(text)].map(([, , found = '']) => found);
}

/** The longest fixed part of a message. */
function fixedPart(text: string): string {
  const parts = text
    .split(/\$\{(?:[^{}]|\{[^}]*\})*\}/)
    .map((part) => part.replaceAll(/\\(.)/g, '$1').trim());
  return parts.reduce((longest, part) => (part.length > longest.length ? part : longest), '');
}
