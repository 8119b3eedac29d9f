import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isRoot } from './is-root.ts';
import { readProc, stateOf, statusField } from './proc.ts';
import { startProgram } from './start-program.ts';
import { waitFor } from './wait-for.ts';

const isGone = (pid: number) => ['', 'Z'].includes(stateOf(pid));

test.each([
  ['ordinary', 1],
  ['pid 1', 2],
  ['under an init', 2],
] as const)('knows the program itself, %s, as the last of its line', async (life, namespaces) => {
  await using program = await startProgram(['/bin/sh', '-c', 'echo $$; exec sleep 1000'], { life });
  const [own] = await program.printed(/\d+/);
  const pids = statusField(readProc(program.pid, 'status'), 'NSpid').split('\t');
  expect([pids.length, pids.at(-1)]).toEqual([namespaces, own]);
  expect(program.lineage.at(-1)).toBe(program.pid);
});

test('reports its end and its output', async () => {
  await using program = await startProgram(['sh', '-c', 'echo out; echo err >&2; exit 3']);
  expect(await program.ended).toEqual({ status: 3, signal: null });
  expect([program.stdout.text, program.stderr.text]).toEqual(['out\n', 'err\n']);
  await using killed = await startProgram(['sleep', '1000']);
  killed.signal('SIGTERM');
  expect(await killed.exited).toEqual({ status: null, signal: 'SIGTERM' });
});

test('gives it PATH and the given variables, in the given folder', async () => {
  const through = ['sh', '-c', 'cd / && exec "$@"', 'sh'];
  await using program = await startProgram(['env'], { env: { A: '1' }, through, cwd: '/proc' });
  await program.ended;
  const names = program.stdout.text.match(/^\w+(?==)/gm) ?? [];
  expect(names.toSorted()).toEqual(['A', 'OLDPWD', 'PATH', 'PWD', 'STARTED_AS']);
});

test('the error has its output if it ends without a match', async () => {
  await using program = await startProgram(['sh', '-c', 'echo out; echo err >&2']);
  await expect(program.printed(/never/)).rejects.toThrow('ended without /never/:\nout\n\nstderr:\nerr\n');
});

test('leaves no process behind when it is disposed of', async () => {
  const program = await startProgram(['sh', '-c', 'setsid sleep 1000 & echo $!; sleep 1000']);
  const [daemon] = await program.printed(/\d+/);
  await program[Symbol.asyncDispose]();
  await waitFor('the end of both', () => isGone(program.pid) && isGone(Number(daemon)));
});

test.runIf(isRoot)('ends a program that has changed its user and wiped its environment', async () => {
  const asUser = ['setpriv', '--reuid=1000', '--regid=1000', '--clear-groups', 'env', '-i'];
  const program = await startProgram([...asUser, 'sh', '-c', 'echo runs; exec sleep 1000'], {
    life: 'pid 1',
  });
  await program.printed(/runs/);
  await program[Symbol.asyncDispose]();
  await waitFor('its end', () => isGone(program.pid));
});

test.each(['ordinary', 'pid 1'])(
  'ends %s together with the process that started it, if that is killed',
  async (life) => {
    const fixture = join(import.meta.dirname, 'fixtures/start-and-die.ts');
    await using starter = await startProgram([process.execPath, fixture, life]);
    const [line] = await starter.printed(/.+/);
    const pids = line.split(' ').map(Number);
    expect(pids.map(isGone)).not.toContain(true);
    starter.kill();
    await waitFor('the end of what it started', () => pids.every(isGone));
  },
);

test('fails if the program does not exist', async () => {
  await expect(startProgram(['/nowhere/at/all'])).rejects.toThrow('ENOENT');
});
