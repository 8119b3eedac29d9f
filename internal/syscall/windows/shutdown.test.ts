import { beforeEach, expect, test } from 'vitest';
import { addressOfSleep, RecordedKernel32 } from './fixtures/recording-kernel32.ts';
import { encodeHandler, watchShutdown } from './shutdown.ts';

let kernel32: RecordedKernel32;

beforeEach(() => {
  kernel32 = new RecordedKernel32();
});

test('registers a handler on an executable page, beside a writable page', () => {
  watchShutdown(kernel32);
  expect(kernel32.calls).toEqual([
    'VirtualAlloc 0 8192 0x3000 0x4',
    'VirtualProtect +0 4096 0x20',
    'SetConsoleCtrlHandler +0 1',
  ]);
});

test('reports the event once the handler has stored its number', () => {
  const hasCome = watchShutdown(kernel32);
  expect(hasCome()).toBe(false);
  const code = kernel32.memory.subarray(0, 41);
  const addressOfEvent = code.readBigUInt64LE(7);
  expect(code).toEqual(encodeHandler(addressOfEvent, addressOfSleep));
  kernel32.memory.writeInt32LE(6, 4096);
  expect(hasCome()).toBe(true);
});

test('is this machine code: run under Wine, it waits for events 5 and up and returns 0 for others', () => {
  expect(encodeHandler(0x1122_3344_5566_7788n, 0x99aa_bbcc_ddee_ff00n).toString('hex')).toBe(
    '83f90572' +
      '21' + // to the last two instructions
      '48b88877665544332211' +
      '8908' +
      '4883ec28' +
      '48b800ffeeddccbbaa99' +
      'b9ffffffff' +
      'ffd0' +
      '31c0c3',
  );
});

test('skips the code that is only for a shutdown', () => {
  const handler = encodeHandler(0n, 0n);
  const target = 5 + (handler[4] ?? 0);
  expect(handler.subarray(target).toString('hex')).toBe('31c0c3');
});

test.each(['VirtualAlloc', 'VirtualProtect', 'SetConsoleCtrlHandler'])(
  'says so when Windows refuses %s',
  (call) => {
    kernel32.failing.add(call);
    expect(() => watchShutdown(kernel32)).toThrow(`${call} failed with Windows error 5`);
  },
);
