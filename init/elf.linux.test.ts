import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findFormatObstacle, headLength } from './elf.linux.ts';

const path = '/opt/circleci/bin/circleci-agent';

/** An ELF header with what is looked at; see elf(5). */
function elf(machine: number, { bits = 64, bigEndian = false } = {}): Buffer {
  const header = Buffer.alloc(64);
  header.write('\x7fELF', 'latin1');
  header[4] = bits === 64 ? 2 : 1;
  header[5] = bigEndian ? 2 : 1;
  if (bigEndian) header.writeUInt16BE(machine, 18);
  else header.writeUInt16LE(machine, 18);
  return header;
}

describe('findFormatObstacle', () => {
  test.each([
    ['nothing', Buffer.alloc(0), `${path} is empty; look at the file it was copied from`],
    ['a part of an ELF header', elf(62).subarray(0, 63), `${path} is cut short (63 bytes); look at`],
  ])('refuses %s', (_, header, text) => {
    expect(findFormatObstacle(path, header, header.length, 'x64')).toMatchObject({
      fatal: true,
      text: expect.stringContaining(text),
    });
  });

  test.each([
    ['x64', elf(183), 'arm64', 'amd64', true],
    ['arm64', elf(62), 'amd64', 'arm64', true],
    ['x64', elf(62, { bits: 32 }), 'amd64 with 32 bits', 'amd64', true],
    ['x64', elf(22, { bigEndian: true }), 's390x', 'amd64', true],
    ['arm64', elf(62, { bigEndian: true }), 'amd64', 'arm64', true],
    ['x64', elf(0xbeef), 'ELF machine 48879', 'amd64', true],
    ['arm64', elf(3, { bits: 32 }), '386', 'arm64', true],
    ['x64', elf(3, { bits: 32 }), '386', 'amd64', false],
    ['arm64', elf(40, { bits: 32 }), 'arm', 'arm64', false],
  ] as const)('on %s names both machines of a foreign program %#', (arch, header, program, host, fatal) => {
    expect(findFormatObstacle(path, header, header.length, arch)).toEqual({
      fatal,
      text: `${path} is a program for ${program} on ${host}; use an image for linux/${host}`,
    });
  });

  test.each(['MZ', '#', '\x7fEL', 'exit 0\n'])(
    'only doubts %j, for which the node may have a handler',
    (text) => {
      expect(findFormatObstacle(path, Buffer.from(text, 'latin1'), text.length)).toEqual({
        fatal: false,
        text: `${path} is neither an ELF program nor a script that begins with #!`,
      });
    },
  );

  test.each([
    ['amd64 on x64', elf(62), 'x64'],
    ['arm64 on arm64', elf(183), 'arm64'],
    ['a script', Buffer.from('#!/bin/sh\n'), 'x64'],
    ['anything on a machine without a name for it', elf(183), 'riscv64'],
  ] as const)('accepts %s', (_, header, arch) => {
    expect(findFormatObstacle(path, header, header.length, arch)).toBeUndefined();
  });

  test('accepts the program that runs this test as a whole, and no part of it', async () => {
    const program = await readFile('/proc/self/exe');
    const judge = (size: number) =>
      findFormatObstacle(path, program.subarray(0, Math.min(size, headLength)), size);
    expect(judge(program.length)).toBeUndefined();
    for (const size of [64, 120, 1000, headLength, program.length / 2]) {
      expect(judge(size)).toEqual({
        fatal: true,
        text: `${path} is cut short (${size} bytes); look at the file it was copied from`,
      });
    }
  });

  test('believes what program headers say, however little sense it makes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 46, maxLength: 1000 }), fc.nat(), (garbage, size) => {
        const head = Buffer.concat([elf(62).subarray(0, 20), garbage]);
        const obstacle = findFormatObstacle(path, head, Math.max(size, head.length), 'x64');
        expect([undefined, expect.stringContaining('is cut short')]).toContainEqual(obstacle?.text);
      }),
    );
  });
});
