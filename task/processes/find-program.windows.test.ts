import { expect, test } from 'vitest';
import { Environment } from '../../internal/environment.ts';
import { extendSearchPath, findProgram } from './find-program.windows.ts';
import { StartError } from './processes.ts';

const files = new Set([
  'C:\\Windows\\System32\\cmd.exe',
  'C:\\tools\\tool.exe',
  'C:\\tools\\tool.cmd',
  'C:\\scripts\\tool.cmd',
  'C:\\with space\\spaced.exe',
  'C:\\tools\\name.with.dots.exe',
  'C:\\agent\\circleci-agent.exe',
  'bin/local.exe',
]);

const usual = { Path: 'C:\\Windows\\System32;C:\\tools' };

function find(name: string, variables: Record<string, string> = usual): string {
  return findProgram(name, Environment.fromObject(variables), (file) => files.has(file));
}

test.each([
  ['cmd.exe', 'C:\\Windows\\System32\\cmd.exe'],
  ['tool', 'C:\\tools\\tool.exe'],
  ['tool.cmd', 'C:\\tools\\tool.cmd'],
  ['name.with.dots', 'C:\\tools\\name.with.dots.exe'],
])('finds %s along Path: %s', (name, expected) => {
  expect(find(name)).toBe(expected);
});

test.each([
  ['no-such-tool', usual],
  ['', usual],
  ['tool', { Path: '' }],
])('finds no %j along %j', (name, variables) => {
  expect(() => find(name, variables)).toThrow(`"${name}" is not a program in any directory of Path.`);
});

test.each(['Path', 'PATH', 'path'])('searches along %s, in any upper or lower case', (name) => {
  expect(find('tool', { [name]: 'C:\\tools' })).toBe('C:\\tools\\tool.exe');
});

test.each([
  ['takes the first directory that has it', 'C:\\scripts;C:\\tools', 'C:\\scripts\\tool.cmd'],
  ['goes on where a directory does not exist', 'Q:\\none;C:\\tools', 'C:\\tools\\tool.exe'],
  ['passes over empty elements', ';;C:\\tools;', 'C:\\tools\\tool.exe'],
  ['understands quotes', '"C:\\tools"', 'C:\\tools\\tool.exe'],
])('%s', (_title, Path, expected) => {
  expect(find('tool', { Path })).toBe(expected);
});

test('prefers the extensions in the order of PATHEXT', () => {
  expect(find('tool', { ...usual, PathExt: '.cmd;.exe' })).toBe('C:\\tools\\tool.cmd');
});

test('does not search the working directory', () => {
  const here = (file: string) => file === 'tool.exe' || file === '.\\tool.exe';
  expect(() => findProgram('tool', Environment.fromObject(usual), here)).toThrow(StartError);
});

test.each([
  ['C:\\agent\\circleci-agent.exe', 'C:\\agent\\circleci-agent.exe'],
  ['C:\\agent\\circleci-agent', 'C:\\agent\\circleci-agent.exe'],
  ['bin/local', 'bin/local.exe'],
  ['C:\\no\\such.exe', 'C:\\no\\such.exe'],
  ['d:such', 'd:such'],
  ['.\\x', '.\\x'],
])('does not search for %s, which names a place', (name, expected) => {
  expect(find(name)).toBe(expected);
});

test('skips files that cannot be read', () => {
  const variables = Environment.fromObject({ Path: `C:\\${'x'.repeat(5000)}` });
  expect(() => findProgram('tool', variables)).toThrow(StartError);
});

test('finds files, but not directories', () => {
  expect(findProgram('/', Environment.fromObject({}))).toBe('/');
  expect(findProgram(process.execPath, Environment.fromObject({}))).toBe(process.execPath);
});

function extend(program: string, variables: Record<string, string>): string[] {
  const extended = extendSearchPath(Environment.fromObject(variables), program);
  return extended.entries.map((entry) => entry.toString());
}

test.each([
  ['C:\\agent\\circleci-agent.exe', 'Path=C:\\Windows;C:\\agent'],
  ['C:/agent/circleci-agent', 'Path=C:\\Windows;C:/agent'],
  ['circleci-agent', 'Path=C:\\Windows'],
])('for %s has %s', (program, expected) => {
  expect(extend(program, { Path: 'C:\\Windows', X: '1' })).toEqual([expected, 'X=1']);
});

test('extends the variable under its own spelling, or adds it', () => {
  expect(extend('C:\\a\\b.exe', { PATH: 'C:\\Windows' })).toEqual(['PATH=C:\\Windows;C:\\a']);
  expect(extend('C:\\a\\b.exe', {})).toEqual(['Path=C:\\a']);
  expect(extend('C:\\a\\b.exe', { path: '' })).toEqual(['path=C:\\a']);
});
