import { lstat, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { trailerSize } from '../internal/launcher/trailer-layout.ts';
import { formatTrailer } from '../internal/packer/write-trailer.ts';
import { command } from './fixtures/in-namespace.ts';
import { complete, useInit } from './fixtures/use-init.ts';
import { place } from './fixtures/volume.ts';

const init = useInit();

describe('a run', () => {
  test('copies byte for byte', async () => {
    const bytes = Buffer.concat([Buffer.from('#!/bin/sh\r\n\0\x80'), Buffer.alloc(3_000_001, 'äöü\n')]);
    await place(init.volume().source, 'circleci-agent', bytes);
    await init.run();
    expect((await readFile(init.destination('circleci-agent'))).equals(bytes)).toBe(true);
  });

  test('keeps the permission bits whatever the umask is, and no set-user-ID', async () => {
    await place(init.volume().source, 'orchestrator', '#!/bin/sh\n', 0o775);
    await place(init.volume().source, 'circleci-agent', '#!/bin/sh\n', 0o6751);
    const [file, args] = command(init.volume());
    await execa('sh', ['-c', 'umask 077; exec "$@"', 'sh', file, ...args]);
    expect((await stat(init.destination('orchestrator'))).mode & 0o7777).toBe(0o775);
    expect((await stat(init.destination('circleci-agent'))).mode & 0o7777).toBe(0o751);
  });

  test('follows links in the source', async () => {
    const target = await place(init.volume().source, 'agent-1.2.3', '#!/bin/sh\n# 1.2.3\n');
    await rm(init.source('circleci-agent'));
    await symlink(target, init.source('circleci-agent'));
    await init.run();
    expect((await lstat(init.destination('circleci-agent'))).isFile()).toBe(true);
    expect(await readFile(init.destination('circleci-agent'), 'utf8')).toBe('#!/bin/sh\n# 1.2.3\n');
  });

  test('takes relative paths and links to the absolute one', async () => {
    const here = (path: string): string => relative(process.cwd(), path);
    await init.run({
      source: here(init.volume().source),
      destination: `${here(init.volume().destination)}/`,
    });
    expect(init.events()[0]?.fields).toMatchObject({
      from: init.source('orchestrator'),
      to: init.destination('orchestrator'),
    });
    expect(await readlink(init.destination('circleci'))).toBe(init.destination('circleci-agent'));
  });

  test.each([
    ['a link elsewhere', () => symlink('/bin/sh', init.destination('circleci'))],
    ['a dangling link', () => symlink('nowhere', init.destination('circleci'))],
    ['a link to a directory', () => symlink(init.volume().source, init.destination('circleci'))],
    ['a file', () => writeFile(init.destination('circleci'), 'old')],
    ['a FIFO', () => execa('mkfifo', [init.destination('circleci')])],
  ])('puts the link in place of %s', async (_, prepare) => {
    await prepare();
    await init.run();
    expect(await readlink(init.destination('circleci'))).toBe(init.destination('circleci-agent'));
    expect(await init.listing()).toEqual(complete);
  });

  test('logs the time of each file and in total', async () => {
    const orchestrator = { from: init.source('orchestrator'), to: init.destination('orchestrator') };
    const agent = { from: init.source('circleci-agent'), to: init.destination('circleci-agent') };
    const duration_ms = expect.any(Number);
    await init.run();
    expect(init.events()).toEqual([
      { level: 'info', message: 'init: copied', fields: { ...orchestrator, bytes: 32, duration_ms } },
      { level: 'info', message: 'init: copied', fields: { ...agent, bytes: 34, duration_ms } },
      {
        level: 'info',
        message: 'init: linked',
        fields: { from: init.destination('circleci'), to: agent.to },
      },
      {
        level: 'info',
        message: 'init: done',
        fields: {
          source: init.volume().source,
          destination: init.volume().destination,
          files: 2,
          bytes: 66,
          duration_ms,
        },
      },
    ]);
  });
});

describe('a source that is the destination', () => {
  test('keeps its files', async () => {
    await init.run({ destination: init.volume().source });
    expect(await readFile(init.source('orchestrator'), 'utf8')).toContain('# orchestrator');
    expect(await readFile(init.source('circleci'), 'utf8')).toContain('# circleci-agent');
  });

  test('keeps its files when they are the same by a hard or symbolic link', async () => {
    await symlink(init.source('orchestrator'), init.destination('orchestrator'));
    await execa('ln', [init.source('circleci-agent'), init.destination('circleci-agent')]);
    await init.run();
    for (const directory of [init.volume().source, init.volume().destination]) {
      expect(await readFile(join(directory, 'orchestrator'), 'utf8')).toContain('# orchestrator');
      expect(await readFile(join(directory, 'circleci-agent'), 'utf8')).toContain('# circleci-agent');
    }
    expect((await lstat(init.destination('orchestrator'))).isFile()).toBe(true);
  });

  test('keeps an agent whose source is the link that init makes', async () => {
    await symlink(join(dirname(init.volume().source), 'volume', 'circleci-agent'), init.source('agent'));
    await init.run();
    await rm(init.source('circleci-agent'));
    await symlink(init.destination('circleci'), init.source('circleci-agent'));
    await init.run();
    expect(await readFile(init.destination('circleci'), 'utf8')).toContain('# circleci-agent');
  });
});

describe('copies that cannot be executed', () => {
  test('are complete before the failure names the cause of each', async () => {
    await place(init.volume().source, 'orchestrator', '#!/bin/sh\n', 0o644);
    await place(init.volume().source, 'circleci-agent', '');
    expect((await init.fail()).message).toBe(
      `${init.destination('orchestrator')} has no x bits (mode 0644); set them on the file in the image; ` +
        `${init.destination('circleci-agent')} is empty; look at the file it was copied from`,
    );
    expect(await init.listing()).toEqual(complete);
  });

  test('are recognized as damaged by the table of contents of a packed orchestrator', async () => {
    const start = '#!/bin/sh\n';
    const size = start.length + trailerSize;
    const packed = (expected: number): Buffer =>
      Buffer.concat([Buffer.from(start), formatTrailer([], expected)]);
    await place(init.volume().source, 'orchestrator', packed(size));
    await init.run();

    await place(init.volume().source, 'orchestrator', packed(size + 1));
    expect((await init.fail()).message).toMatch(/volume\/orchestrator is incomplete or damaged: wrong size/);
  });

  test.each([
    ['circleci-agent', 0o754, 'may not be executed by every user (mode 0754)'],
    ['orchestrator', 0o711, 'has to be read to start, and may not be read by every user (mode 0711)'],
    ['orchestrator', 0o111, 'has to be read to start, and may not be read by every user (mode 0111)'],
  ])('by every user are a warning: %s', async (name, mode, doubt) => {
    await place(init.volume().source, name, '#!/bin/sh\n', mode);
    await init.run();
    expect(init.events()).toContainEqual({
      level: 'warn',
      message: 'init: a copy may not be executable',
      fields: { obstacle: `${init.destination(name)} ${doubt}` },
    });
  });

  test.each([0o711, 0o111])('do not include an agent that only lacks r bits: %o', async (mode) => {
    await place(init.volume().source, 'circleci-agent', '#!/bin/sh\n', mode);
    await init.run();
    expect(init.events().filter(({ level }) => level === 'warn')).toEqual([]);
  });

  test('are only a warning when it is not certain', async () => {
    await place(init.volume().source, 'circleci-agent', 'a format of its own');
    await init.run();
    expect(init.events().filter(({ level }) => level === 'warn')).toEqual([
      {
        level: 'warn',
        message: 'init: a copy may not be executable',
        fields: {
          obstacle: `${init.destination('circleci-agent')} is neither an ELF program nor a script that begins with #!`,
        },
      },
    ]);
  });
});
