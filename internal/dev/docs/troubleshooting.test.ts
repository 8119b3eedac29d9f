import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { repository } from '../../packer/repository.ts';

const root = repository;
const page = readFileSync(path.join(root, 'docs/orchestrator/troubleshooting.md'), 'utf8').replaceAll(
  '\\|',
  '|',
);

/** What the product consists of: TypeScript, and the launcher's C. */
const sources = globSync(['{cmd,task,init,clients}/**/*.ts', 'internal/**/*.ts', 'internal/launcher/*.c'], {
  cwd: root,
  exclude: (file) => /\.test\.ts$|fixture|test-client|internal\/(dev|packer)/.test(file),
});

/** Where a message begins: what makes a failure, or a line of the log. */
const message =
  /(?:new Failure\(\s*[\w.]+(?:\['[\w-]+'\])?,|new (?:StartError|RunnerApiError)\(|logger\.(?:info|warn|error)\(|give_up(?:_on_file)?\()\s*(['"`])((?:\\.|(?!\1).)+)\1/gs;

/** The part of a message that is always the same, and the longest such. */
function fixedPart(text: string): string {
  const parts = text
    .split(/\$\{(?:[^{}]|\{[^}]*\})*\}/)
    .map((part) => part.replaceAll(/\\(.)/g, '$1').trim());
  return parts.reduce((longest, part) => (part.length > longest.length ? part : longest), '');
}

const messages = sources.flatMap((file) =>
  [...readFileSync(path.join(root, file), 'utf8').matchAll(message)].map(([, , text = '']) => ({
    file,
    part: fixedPart(text),
  })),
);

test('finds the messages of every part of the product', () => {
  const parts = new Set(messages.map(({ file }) => file.split('/')[0]));
  expect([...parts].sort()).toEqual(['clients', 'cmd', 'init', 'internal', 'task']);
  expect(messages.length).toBeGreaterThan(60);
});

test('docs/orchestrator/troubleshooting.md explains every message that the program can print', () => {
  expect(messages.filter(({ part }) => !page.includes(part.replace(/[.:;,]$/, '')))).toEqual([]);
});
