import { execFile, spawn } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { scratchFolder } from '../dev/testing/scratch-folder.ts';
import { startHealthServer } from '../health/fixtures/start.ts';
import { FdWriter } from './fd-writer.ts';
import { openPipe } from './fixtures/pipe.ts';

const writeLines = join(import.meta.dirname, 'fixtures/write-lines.ts');

function lines(count: number): string {
  return Array.from({ length: count }, (_, index) => `line ${index}\n`).join('');
}

function heapUsed(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}

function writeIfRoom(fd: number, text: string): void {
  try {
    writeSync(fd, text);
  } catch {
    // EAGAIN: the pipe is full.
  }
}

/** Chunks from one byte to more than a pipe holds. Each byte shows its position. */
function unevenChunks(): Buffer[] {
  let next = 0;
  return [1, 5, 4097, 100, 200_000, 1, 1, 65_536, 3, 16_384, 70_000, 2].map((size) =>
    Buffer.from(Array.from({ length: size }, () => next++ % 251)),
  );
}

describe('every kind of descriptor', () => {
  it.each([{ nonBlocking: false }, { nonBlocking: true }])(
    'gets everything in order through a pipe: %o',
    async ({ nonBlocking }) => {
      using pipe = openPipe({ nonBlocking });
      const writer = new FdWriter(pipe.writeFd);
      const chunks = unevenChunks();
      for (const chunk of chunks) writer.write(chunk);
      const expected = Buffer.concat(chunks);
      const actual = await pipe.readUntil(expected.length);
      expect(actual.equals(expected)).toBe(true);
      expect(await writer.flush(60_000)).toBe(true);
    },
  );

  it('writes to a file', async () => {
    const file = join(scratchFolder(), 'out');
    const fd = openSync(file, 'a');
    const writer = new FdWriter(fd);
    writer.write('one\n');
    writer.write(Buffer.from('two\n'));
    expect(await writer.flush(60_000)).toBe(true);
    expect(readFileSync(file, 'utf8')).toBe('one\ntwo\n');
    closeSync(fd);
  });

  it('writes to a socket, which Node gives a child as a pipe', async () => {
    const child = spawn(process.execPath, [writeLines, '20000'], { stdio: ['ignore', 'pipe', 'pipe'] });
    const [output, verdict] = await Promise.all([text(child.stdout), text(child.stderr)]);
    expect(output).toBe(lines(20_000));
    expect(verdict).toBe('flushed');
  });

  it('writes to a terminal', async () => {
    const command = `"${process.execPath}" "${writeLines}" 2000 2>&1`;
    const { stdout } = await promisify(execFile)('script', ['-qec', command, '/dev/null']);
    expect(stdout.replaceAll('\r\n', '\n')).toContain(lines(2000));
  });

  it('drops everything if the descriptor is closed', async () => {
    const writer = new FdWriter(99_999);
    writer.write('lost');
    expect(await writer.flush(60_000)).toBe(true);
    expect(writer.write(Buffer.alloc(1024 * 1024))).toBe(true);
    expect(writer.queuedBytes).toBe(0);
  });

  it.each([{ nonBlocking: false }, { nonBlocking: true }])(
    'drops everything when the reader goes away: %o',
    async ({ nonBlocking }) => {
      using pipe = openPipe({ nonBlocking });
      const writer = new FdWriter(pipe.writeFd);
      writer.write(Buffer.alloc(300_000));
      writer.write('queued');
      pipe.closeReader();
      expect(await writer.flush(60_000)).toBe(true);
      expect(writer.write('later')).toBe(true);
      expect(writer.queuedBytes).toBe(0);
    },
  );

  it('drops bytes that do not fit on a full disk, and continues', async () => {
    const fd = openSync('/dev/full', 'w');
    const writer = new FdWriter(fd);
    writer.write('one');
    expect(await writer.flush(60_000)).toBe(true);
    writer.write('two');
    expect(writer.queuedBytes).toBe(3);
    expect(await writer.flush(60_000)).toBe(true);
    closeSync(fd);
  });
});

describe('a stalled reader', () => {
  it('does not stop health checks', async () => {
    using pipe = openPipe();
    const writer = new FdWriter(pipe.writeFd);
    const health = await startHealthServer();
    writer.write(Buffer.alloc(1024 * 1024));
    const response = await fetch(`http://${health.address}/live`);
    expect(response.status).toBe(200);
    expect(writer.queuedBytes).toBe(1024 * 1024);
    health.close();
    pipe.closeReader();
    await writer.flush(60_000);
  });

  it('takes almost no CPU if the descriptor is non-blocking', { tags: ['timed'] }, async () => {
    const fixture = join(import.meta.dirname, 'fixtures/cpu-of-stall.ts');
    const { stdout } = await promisify(execFile)(process.execPath, [fixture]);
    expect(Number(stdout)).toBeLessThan(0.5);
  });

  it('makes flush give up in time and leaves the rest queued', { tags: ['timed'] }, async () => {
    using pipe = openPipe();
    const writer = new FdWriter(pipe.writeFd);
    const data = Buffer.alloc(300_000, 'x');
    writer.write(data);
    expect(await writer.flush(50)).toBe(false);
    expect(writer.queuedBytes).toBe(300_000);
    expect((await pipe.readUntil(300_000)).equals(data)).toBe(true);
    expect(await writer.flush(60_000)).toBe(true);
  });

  it('makes write answer false until the queue is half empty', { tags: ['timed'] }, async () => {
    using pipe = openPipe();
    const writer = new FdWriter(pipe.writeFd, { highWaterMark: 200_000 });
    expect(writer.write(Buffer.alloc(200_000))).toBe(true);
    expect(writer.write(Buffer.alloc(1))).toBe(false);
    let drained = false;
    const waiting = writer.whenDrained().then(() => {
      drained = true;
    });
    await delay(20);
    expect(drained).toBe(false);
    await pipe.readUntil(200_001);
    await waiting;
    expect(writer.write('more')).toBe(true);
    await pipe.readUntil(4);
  });

  it('delays whenWritten until the memory of chunks may be used again', { tags: ['timed'] }, async () => {
    using pipe = openPipe();
    const writer = new FdWriter(pipe.writeFd);
    const reused = Buffer.alloc(100_000, 'a');
    writer.write(reused);
    let written = false;
    const waiting = writer.whenWritten().then(() => {
      written = true;
      reused.fill('b');
    });
    writer.write(Buffer.alloc(100_000, 'c'));
    await delay(20);
    expect(written).toBe(false);
    const all = await pipe.readUntil(200_000);
    await waiting;
    expect(all.toString() === 'a'.repeat(100_000) + 'c'.repeat(100_000)).toBe(true);
  });

  it('takes no more memory than the queued bytes, even if they come one by one', async () => {
    using pipe = openPipe();
    const writer = new FdWriter(pipe.writeFd);
    writer.write(Buffer.alloc(200_000, 'x'));
    const before = heapUsed();
    for (let index = 0; index < 200_000; index++) writer.write(Uint8Array.of(0x79));
    expect(heapUsed() - before).toBeLessThan(5_000_000);
    const all = await pipe.readUntil(400_000);
    expect(all.toString()).toBe('x'.repeat(200_000) + 'y'.repeat(200_000));
  });
});

it('writes chunks up to the limit without mixing them with those of others on the same pipe', async () => {
  using pipe = openPipe();
  const writer = new FdWriter(pipe.writeFd, { maxBatchBytes: 4096 });
  const other = openSync(`/proc/self/fd/${pipe.writeFd}`, constants.O_WRONLY | constants.O_NONBLOCK);
  const line = 'l'.repeat(999);
  for (let index = 0; index < 1000; index++) writer.write(`${line}\n`);
  const chunks: Buffer[] = [];
  while (writer.queuedBytes > 0) {
    chunks.push(pipe.readAvailable(5000));
    writeIfRoom(other, 'OTHER\n');
    await delay(0);
  }
  const all = Buffer.concat([...chunks, pipe.readAvailable()]).toString();
  const found = new Set(all.split('\n').slice(0, -1));
  expect([...found].sort()).toEqual(['OTHER', line]);
  closeSync(other);
});
