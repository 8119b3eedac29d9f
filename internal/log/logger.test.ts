import { writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { FdWriter } from '../output/fd-writer.ts';
import { openPipe } from '../output/fixtures/pipe.ts';
import { SecretMask } from '../secrets/secret-mask.ts';
import { createLogger, type LogFormat, type Logger, logWriterLimits } from './logger.ts';

const mask = new SecretMask();

const time = '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z';

/** The lines that the logger writes to its descriptor. */
async function logged(format: LogFormat, use: (log: Logger) => void): Promise<readonly string[]> {
  using pipe = openPipe();
  const log = createLogger(format, new FdWriter(pipe.writeFd, logWriterLimits), mask);
  use(log);
  await log.flush(60_000);
  return pipe.readAvailable().toString().split('\n').slice(0, -1);
}

it('writes the exact lines that others wait for', async () => {
  const [starting, listening] = await logged('text', (log) => {
    log.info('starting orchestrator', { 'app.version': '0.1.0-abc', 'app.date': '2026-01-02T03:04:05Z' });
    log.info('server: new-server admin', { 'app.address': '[::]:7623' });
  });
  expect(starting).toMatch(
    new RegExp(
      `^${time} INFO starting orchestrator app\\.date=2026-01-02T03:04:05Z app\\.version=0\\.1\\.0-abc$`,
    ),
  );
  expect(listening).toMatch(
    new RegExp(`^${time} INFO server: new-server admin app\\.address=\\[::\\]:7623$`),
  );
});

it('names the level of each event', async () => {
  const lines = await logged('text', (log) => {
    log.info('one');
    log.warn('two', {});
    log.error('three', { key: 'value' });
  });
  expect(lines.map((line) => line.replace(/^\S+ /, ''))).toEqual([
    'INFO one',
    'WARN two',
    'ERROR three key=value',
  ]);
});

it('writes json lines in the form that log pipelines expect', async () => {
  const [line = ''] = await logged('json', (log) => log.warn('late', { 'app.version': '1', n: 2 }));
  expect(JSON.parse(line)).toEqual({
    level: 'warn',
    time: expect.stringMatching(new RegExp(`^${time}$`)),
    msg: 'late',
    'app.version': '1',
    n: 2,
  });
});

it.each(['text', 'json'] as const)(
  'does not continue the unfinished line of a child, and begins no other line with a line feed: %s',
  async (format) => {
    using pipe = openPipe();
    const log = createLogger(format, new FdWriter(pipe.writeFd, logWriterLimits), mask);
    const child = async (text: string) => {
      await log.flush(60_000);
      writeSync(pipe.writeFd, text);
    };
    log.info('before');
    log.shareOutput(true);
    await child('unfinished');
    log.info('meanwhile');
    await child('unfinished again');
    log.shareOutput(false);
    log.info('afterwards');
    await log.flush(60_000);
    log.info('last');
    await log.flush(60_000);
    const lines = pipe.readAvailable().toString().split('\n').filter(Boolean);
    expect(lines.map((line) => /before|meanwhile|afterwards|last/.exec(line)?.[0] ?? line)).toEqual([
      'before',
      'unfinished',
      'meanwhile',
      'unfinished again',
      'afterwards',
      'last',
    ]);
  },
);

it.each(['text', 'json'] as const)(
  'does not continue a line that a child left unfinished before the first line of the log: %s',
  async (format) => {
    using pipe = openPipe();
    const log = createLogger(format, new FdWriter(pipe.writeFd, logWriterLimits), mask);
    log.info('first');
    log.shareOutput(true);
    writeSync(pipe.writeFd, 'unfinished');
    await log.flush(60_000);
    expect(pipe.readAvailable().toString()).toMatch(/^unfinished\n.*first.*\n$/);
  },
);

it.each(['text', 'json'] as const)(
  'writes an error with its causes and without its stack: %s',
  async (format) => {
    const cause = new Error('ENOENT: no such file');
    const lines = await logged(format, (log) => {
      log.error('failed', { error: new Error('cannot read\nit', { cause }), err: new Error('other') });
    });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('cannot read\\nit: ENOENT: no such file');
    expect(lines[0]).not.toContain('logger.test');
  },
);

it('leaves out undefined, keeps every digit of a bigint and turns values that are not JSON into strings', async () => {
  const [line] = await logged('text', (log) => {
    log.info('m', {
      nothing: undefined,
      run: 9_007_199_254_740_993n,
      nan: Number.NaN,
      none: null,
      object: { a: 1 },
      list: ['a', 1],
      yes: true,
      half: 0.5,
    });
  });
  expect(line?.replace(/^\S+ /, '')).toBe(
    'INFO m half=0.5 list=a,1 nan=NaN none=null object="[object Object]" run=9007199254740993 yes=true',
  );
});

it('interprets neither the message nor the fields', async () => {
  const [line] = await logged('text', (log) => {
    log.info('100%s %d %j %o %%', { time: 1, level: 50, msg: 'other', fields: 'x', pid: 2 });
  });
  expect(line).toMatch(
    new RegExp(`^${time} INFO 100%s %d %j %o %% fields=x level=50 msg=other pid=2 time=1$`),
  );
});

it.each(['text', 'json'] as const)('never writes a secret, however it gets there: %s', async (format) => {
  const token = 'se"cr\\et-to ken';
  const lines = await logged(format, (log) => {
    mask.add(token);
    log.warn('a field', { [token]: [token] });
    log.info(`token ${token}`, { token, nested: { token }, answer: JSON.stringify({ token }) });
    log.error('failed', { error: new Error(`at ${token}`, { cause: token }) });
  });
  expect(lines).toHaveLength(3);
  for (const line of lines) {
    expect(line).toContain('[REDACTED]');
    expect(line).not.toMatch(/cr\\*et|to ken/);
  }
});

it.each(['text', 'json'] as const)(
  'replaces the lines that a stalled reader missed with their number: %s',
  async (format) => {
    using pipe = openPipe();
    const log = createLogger(format, new FdWriter(pipe.writeFd, logWriterLimits), mask);
    const filler = 'x'.repeat(1000);
    const total = 3010;
    for (let index = 0; index < total - 10; index++) log.info(`event <${index}> ${filler}`);
    const start: Buffer[] = [];
    while (Buffer.concat(start).length < 128 * 1024) {
      await delay(1);
      start.push(pipe.readAvailable(4096));
    }
    // There is room again, but a line that was accepted now would come before the notice.
    for (let index = total - 10; index < total; index++) log.info(`event <${index}> ${filler}`);
    const rest = await pipe.readUntil(/lines"?[=:]\d+/);
    const lines = Buffer.concat([...start, rest])
      .toString()
      .split('\n');
    log.info('the reader is back');
    lines.push(...(await pipe.readUntil(/the reader is back/)).toString().split('\n'));

    const numbers = lines.flatMap((line) => /event <(\d+)>/.exec(line)?.[1] ?? []).map(Number);
    expect(numbers).toEqual(numbers.map((_, index) => index));
    const lost = lines.flatMap((line) => /log lines were dropped.*/.exec(line)?.[0] ?? []);
    expect(lost).toHaveLength(1);
    expect(lines.join('\n')).toMatch(new RegExp(`lines"?[=:]${total - numbers.length}\\b`));
    expect(lines.findIndex((line) => line.includes('dropped'))).toBeGreaterThan(
      lines.findLastIndex((line) => line.includes('event')),
    );
  },
);

it('holds about 1 MiB for a stalled reader, and stops flushing in time', {
  tags: ['timed'],
}, async () => {
  using pipe = openPipe();
  const log = createLogger('text', new FdWriter(pipe.writeFd, logWriterLimits), mask);
  for (let index = 0; index < 3000; index++) log.info('x'.repeat(1000));
  await log.flush(20);
  const written = await pipe.readUntil(/lines=\d+/);
  expect(written.length).toBeGreaterThan(1024 * 1024);
  expect(written.length).toBeLessThan(1.2 * 1024 * 1024);
});

it('does nothing if its descriptor is closed', async () => {
  const log = createLogger('text', new FdWriter(99_999, logWriterLimits), mask);
  log.info('lost');
  await log.flush(60_000);
  for (let index = 0; index < 3000; index++) log.info('x'.repeat(1000));
  await log.flush(60_000);
});
