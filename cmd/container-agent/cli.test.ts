import { expect, test } from 'vitest';
import { type Invocation, parseCommandLine } from './cli.ts';

test.each<[string, Invocation]>([
  ['', { command: 'run' }],
  ['collect-logs', { command: 'collect-logs' }],
  [
    'check taskpods.yaml',
    { command: 'check', file: 'taskpods.yaml', images: ['cimg/base:current'], resourceClass: undefined },
  ],
  [
    'check - --image a:1 --service b:2 --service c:3 --class ns/name',
    { command: 'check', file: '-', images: ['a:1', 'b:2', 'c:3'], resourceClass: 'ns/name' },
  ],
])('container-agent %s', (line, invocation) => {
  expect(parseCommandLine(line.split(' ').filter(Boolean), 'v1')).toEqual(invocation);
});

test.each([
  ['--version', 'container-agent 1.2.3 (commit c, built d)\n'],
  ['version', 'container-agent 1.2.3 (commit c, built d)\n'],
  ['-v', 'container-agent 1.2.3 (commit c, built d)\n'],
])('%s prints the version', (flag, text) => {
  expect(parseCommandLine([flag], 'container-agent 1.2.3 (commit c, built d)')).toEqual({
    command: 'print',
    text,
  });
});

test.each([
  ['help', []],
  ['help-collect-logs', ['collect-logs']],
  ['help-check', ['check']],
])('%s.txt is the help of %j', async (name, command) => {
  expect(parseCommandLine(['help', ...command], 'v1')).toEqual(parseCommandLine([...command, '-h'], 'v1'));
  const printed = parseCommandLine([...command, '--help'], 'v1');
  if (printed.command !== 'print') throw new Error('it was taken for a command');
  await expect(printed.text).toMatchFileSnapshot(`testdata/${name}.txt`);
});

test.each([
  [
    'chek x',
    'Unknown command "chek"; expected check or collect-logs. Is check meant? See container-agent --help.',
  ],
  [
    'help chek',
    'Unknown command "chek"; expected check or collect-logs. Is check meant? See container-agent --help.',
  ],
  ['check', 'The argument <config> is missing. See container-agent --help.'],
  ['check x --service', 'The value of --service is missing. See container-agent --help.'],
  ['check x --service=', 'The value of --service is empty. See container-agent --help.'],
  ['check x --image=', 'The value of --image is empty. See container-agent --help.'],
  ['check x --class=', 'The value of --class is empty. See container-agent --help.'],
  ['check x --nodes', 'Unknown option --nodes. See container-agent --help.'],
  ['check x --hlp', 'Unknown option --hlp. Is --help meant? See container-agent --help.'],
  ['check x --clas=y', 'Unknown option --clas. Is --class meant? See container-agent --help.'],
  ['collect-logs x', 'Too many arguments for collect-logs. See container-agent --help.'],
])('container-agent %s is refused in one line', (line, message) => {
  expect(() => parseCommandLine(line.split(' '), 'v1')).toThrow(
    expect.objectContaining({ code: 'usage', exitStatus: 80, message }),
  );
});
