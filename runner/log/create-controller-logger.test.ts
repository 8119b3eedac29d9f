import { expect, test } from 'vitest';
import { FdWriter } from '../../internal/output/fd-writer.ts';
import { SecretMask } from '../../internal/secrets/secret-mask.ts';
import { createControllerLogger, type LogStyle } from './create-controller-logger.ts';

/** Collects everything that is written. */
class Collector extends FdWriter {
  readonly lines: string[] = [];

  override write(chunk: string): boolean {
    this.lines.push(chunk);
    return true;
  }
}

function linesOf(style: LogStyle): string[] {
  const writer = new Collector(1);
  const logger = createControllerLogger(style, writer, new SecretMask(['token-of-the-class']));
  logger.debug('a detail');
  logger.info('a task was claimed', { 'task.id': 'a-1', duration_ms: 12, absent: undefined });
  logger.error('a claim failed', { error: new Error('refused: token-of-the-class') });
  return writer.lines;
}

const iso = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/;

test('JSON has the level as a word, the time in ISO 8601, and no secret', () => {
  const lines = linesOf({ format: 'json', level: 'info' });
  expect(lines.every((line) => line.endsWith('\n'))).toBe(true);
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    {
      level: 'info',
      time: expect.stringMatching(iso),
      'task.id': 'a-1',
      duration_ms: 12,
      msg: 'a task was claimed',
    },
    { level: 'error', time: expect.stringMatching(iso), error: 'refused: [REDACTED]', msg: 'a claim failed' },
  ]);
});

test('text has one line per event', () => {
  expect(linesOf({ format: 'text', level: 'info' }).map((line) => line.replace(iso, 'TIME'))).toEqual([
    'TIME INFO a task was claimed duration_ms=12 task.id=a-1\n',
    'TIME ERROR a claim failed error="refused: [REDACTED]"\n',
  ]);
});

test('color is text with a colored level', () => {
  const [line] = linesOf({ format: 'color', level: 'error' });
  expect(line?.replace(iso, 'TIME')).toBe(
    'TIME \u001b[31mERROR\u001b[0m a claim failed error="refused: [REDACTED]"\n',
  );
});

test('events below the level are not written', () => {
  expect(linesOf({ format: 'text', level: 'debug' })).toHaveLength(3);
  expect(linesOf({ format: 'text', level: 'error' })).toHaveLength(1);
});

test('none writes nothing', () => {
  expect(linesOf({ format: 'none', level: 'debug' })).toEqual([]);
});
