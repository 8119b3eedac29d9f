import { closeSync, fstatSync, openSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { BareImage } from '../dev/testing/bare-image.ts';
import { scratchFolder } from '../dev/testing/scratch-folder.ts';
import { takeHandoff } from './handoff.linux.ts';

const secret = 'SECRET';

function openBlock(content: string): number {
  const file = path.join(scratchFolder(), 'environ');
  writeFileSync(file, content, 'latin1');
  return openSync(file, 'r');
}

function isOpen(fd: number): boolean {
  try {
    fstatSync(fd);
    return true;
  } catch {
    return false;
  }
}

describe('after the launcher', () => {
  test('the environment is the container’s, byte by byte, and the descriptor is closed', () => {
    const large = 'x'.repeat(300_000);
    const fd = openBlock(`B=2\0A=\xff\0B=3\0LARGE=${large}\0`);
    const variables = {
      LAUNCHER_HANDOFF: `environ=${fd} ignored=0000000000000000 nofile=1024:4096`,
      X: 'no',
    };
    const handoff = takeHandoff(variables, secret);
    expect(handoff.environment.entries.map((entry) => entry.toString('latin1'))).toEqual([
      'B=2',
      'A=\xff',
      'B=3',
      `LARGE=${large}`,
    ]);
    expect(isOpen(fd)).toBe(false);
    expect(variables).toEqual({ X: 'no' });
  });

  test('its own note is understood', async () => {
    await using image = await BareImage.create();
    const { stdout } = await image.run(['report']);
    const { handoff: note } = JSON.parse(stdout) as { handoff: string };
    const fd = openBlock('A=1\0');
    const handoff = takeHandoff({ LAUNCHER_HANDOFF: note.replace(/environ=\d+/, `environ=${fd}`) }, secret);
    expect(handoff.environment.entries.map(String)).toEqual(['A=1']);
    expect(handoff.openFiles).toBeDefined();
  });

  test('an empty environment stays empty', () => {
    const note = `environ=${openBlock('')} ignored=0000000000000000 nofile=1024:4096`;
    expect(takeHandoff({ LAUNCHER_HANDOFF: note }, secret).environment.entries).toEqual([]);
  });

  test.each([
    ['0000000000000001 nofile=1024:1048576', 1n, { soft: 1024n, hard: 1048576n }],
    ['8000000000000000 nofile=0:0', 1n << 63n, { soft: 0n, hard: 0n }],
    ['fffffffffffffeff nofile=18446744073709551615:18446744073709551615', 2n ** 64n - 1n - 256n, unlimited()],
  ])('ignored=%s is understood', (note, ignoredSignals, openFiles) => {
    const handoff = takeHandoff({ LAUNCHER_HANDOFF: `environ=${openBlock('')} ignored=${note}` }, secret);
    expect(handoff).toMatchObject({ ignoredSignals, openFiles });
  });

  test('a limit of open files that could not be read is none', () => {
    const note = `environ=${openBlock('')} ignored=0000000000000000 nofile=18446744073709551615:0`;
    expect(takeHandoff({ LAUNCHER_HANDOFF: note }, secret).openFiles).toBeUndefined();
  });

  test.each([
    '',
    'environ=3',
    'environ= ignored=0000000000000000 nofile=1:1',
    'environ=3 ignored=0 nofile=1:1',
    'environ=3 ignored=0000000000000000 nofile=1',
    'environ=3 ignored=0000000000000000 nofile=1:1 more',
    'ENVIRON=3 ignored=0000000000000000 nofile=1:1',
  ])('a note of another make is refused: %j', (note) => {
    expect(() => takeHandoff({ LAUNCHER_HANDOFF: note }, secret)).toThrow(
      'the launcher left a note that this program does not understand',
    );
  });

  test('a descriptor that is not there is an error', () => {
    const fd = openBlock('');
    closeSync(fd);
    expect(() =>
      takeHandoff({ LAUNCHER_HANDOFF: `environ=${fd} ignored=0000000000000000 nofile=1:1` }, secret),
    ).toThrow('EBADF');
  });
});

test('without a launcher the process’s own environment stands in', () => {
  const handoff = takeHandoff({ A: '1', B: undefined }, secret);
  expect(handoff.environment.entries.map(String)).toEqual(['A=1']);
  expect(handoff).toMatchObject({ ignoredSignals: 0n, openFiles: undefined });
});

function unlimited() {
  return { soft: 2n ** 64n - 1n, hard: 2n ** 64n - 1n };
}
