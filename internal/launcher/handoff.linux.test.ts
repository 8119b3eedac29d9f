import { getRawPointer } from 'node:ffi';
import { describe, expect, test } from 'vitest';
import { BareImage } from '../dev/testing/bare-image.ts';
import { takeHandoff } from './handoff.linux.ts';

const secret = 'SECRET';

/** Places a block in memory, named as in `environ`. The memory lives as long as the tests. */
function placeBlock(content: string): { environ: string; memory: Buffer } {
  const memory = Buffer.from(content, 'latin1');
  blocks.push(memory);
  return { environ: `${memory.length === 0 ? 0n : getRawPointer(memory)}:${memory.length}`, memory };
}

const blocks: Buffer[] = [];

describe('after the launcher', () => {
  test('the environment is that of the container, byte by byte, and the memory is overwritten', () => {
    const large = 'x'.repeat(300_000);
    const { environ, memory } = placeBlock(`B=2\0A=\xff\0B=3\0LARGE=${large}\0`);
    const variables = {
      LAUNCHER_HANDOFF: `environ=${environ} ignored=0000000000000000 nofile=1024:4096`,
      X: 'no',
    };
    const handoff = takeHandoff(variables, secret);
    expect(handoff.environment.entries.map((entry) => entry.toString('latin1'))).toEqual([
      'B=2',
      'A=\xff',
      'B=3',
      `LARGE=${large}`,
    ]);
    expect(memory.every((byte) => byte === 0)).toBe(true);
    expect(variables).toEqual({ X: 'no' });
  });

  test('its own note is understood', async () => {
    await using image = await BareImage.create();
    const { stdout } = await image.run(['report']);
    const { handoff: note } = JSON.parse(stdout) as { handoff: string };
    const { environ } = placeBlock('A=1\0');
    const handoff = takeHandoff(
      { LAUNCHER_HANDOFF: note.replace(/environ=\S+/, `environ=${environ}`) },
      secret,
    );
    expect(handoff.environment.entries.map(String)).toEqual(['A=1']);
    expect(handoff.openFiles).toBeDefined();
  });

  test('an empty environment stays empty', () => {
    const note = `environ=${placeBlock('').environ} ignored=0000000000000000 nofile=1024:4096`;
    expect(takeHandoff({ LAUNCHER_HANDOFF: note }, secret).environment.entries).toEqual([]);
  });

  test.each([
    ['0000000000000001 nofile=1024:1048576', 1n, { soft: 1024n, hard: 1048576n }],
    ['8000000000000000 nofile=0:0', 1n << 63n, { soft: 0n, hard: 0n }],
    ['fffffffffffffeff nofile=18446744073709551615:18446744073709551615', 2n ** 64n - 1n - 256n, unlimited()],
  ])('ignored=%s is understood', (note, ignoredSignals, openFiles) => {
    const handoff = takeHandoff(
      { LAUNCHER_HANDOFF: `environ=${placeBlock('').environ} ignored=${note}` },
      secret,
    );
    expect(handoff).toMatchObject({ ignoredSignals, openFiles });
  });

  test('a limit of open files that could not be read is undefined', () => {
    const note = `environ=${placeBlock('').environ} ignored=0000000000000000 nofile=18446744073709551615:0`;
    expect(takeHandoff({ LAUNCHER_HANDOFF: note }, secret).openFiles).toBeUndefined();
  });

  test.each([
    '',
    'environ=0:0',
    'environ=3 ignored=0000000000000000 nofile=1:1',
    'environ=: ignored=0000000000000000 nofile=1:1',
    'environ=0:0 ignored=0 nofile=1:1',
    'environ=0:0 ignored=0000000000000000 nofile=1',
    'environ=0:0 ignored=0000000000000000 nofile=1:1 more',
    'ENVIRON=0:0 ignored=0000000000000000 nofile=1:1',
  ])('a note of another make is refused: %j', (note) => {
    expect(() => takeHandoff({ LAUNCHER_HANDOFF: note }, secret)).toThrow(
      'the launcher left a note that this program does not understand',
    );
  });
});

test('without a launcher, the environment of the process is used', () => {
  const handoff = takeHandoff({ A: '1', B: undefined }, secret);
  expect(handoff.environment.entries.map(String)).toEqual(['A=1']);
  expect(handoff).toMatchObject({ ignoredSignals: 0n, openFiles: undefined });
});

function unlimited() {
  return { soft: 2n ** 64n - 1n, hard: 2n ** 64n - 1n };
}
