import { chmod, copyFile, lstat, mkdir, readdir, readFile, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { buildFakeAgent } from '../../internal/dev/testing/build-fake-agent.ts';
import { architecture } from '../../internal/dev/testing/executable.ts';
import { scratchFolder } from '../../internal/dev/testing/scratch-folder.ts';
import { type RunSurroundings, runToEnd } from './run-orchestrator.ts';

/** A SOURCE with a small program as each binary, and an empty DESTINATION. */
export async function folders(): Promise<{ source: string; destination: string }> {
  const directory = scratchFolder();
  const [source, destination] = [join(directory, 'source'), join(directory, 'destination')];
  await Promise.all([mkdir(source), mkdir(destination)]);
  await chmod(destination, 0o777);
  for (const name of ['orchestrator', 'circleci-agent']) {
    await copyFile(await buildFakeAgent(architecture), join(source, name));
    await chmod(join(source, name), 0o755);
  }
  return { source, destination };
}

const names = ['circleci', 'circleci-agent', 'orchestrator'];

export async function expectCopies(source: string, destination: string): Promise<void> {
  expect((await readdir(destination)).sort()).toEqual(names);
  for (const name of ['orchestrator', 'circleci-agent']) {
    const [from, to] = [join(source, name), join(destination, name)];
    expect((await readFile(from)).equals(await readFile(to))).toBe(true);
    expect((await stat(to)).mode & 0o7777).toBe((await stat(from)).mode & 0o777);
    expect((await lstat(to)).isFile()).toBe(true);
  }
  expect(await readlink(join(destination, 'circleci'))).toBe(join(destination, 'circleci-agent'));
}

/** Runs init, which must fail with 1 and one line that has all these words. */
export async function expectFailure(
  args: readonly string[],
  words: readonly (string | RegExp)[],
  surroundings: RunSurroundings = {},
) {
  const result = await runToEnd(args, surroundings);
  expect(result).toMatchObject({ status: 1, signal: null, stderr: '' });
  const errors = result.stdout.split('\n').filter((line) => line.includes(' ERROR '));
  expect(errors).toHaveLength(1);
  for (const word of words) {
    if (typeof word === 'string') expect(errors[0]).toContain(word);
    else expect(errors[0]).toMatch(word);
  }
}
