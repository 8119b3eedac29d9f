import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Failure } from '../internal/failure.ts';
import { parseConfig } from './config.ts';

const fields = [
  'cmd',
  'user',
  'task_id',
  'token',
  'readiness_file_path',
  'enable_unsafe_retries',
  'task_agent_path',
  'runner_api_base_url',
  'allocation',
  'ssh_advertise_addr',
  'max_run_time',
] as const;

const text = fc.string({ unit: 'grapheme' }).filter((value) => !value.includes('\0'));
const valid = fc.record(
  {
    cmd: fc.array(text),
    user: text,
    task_id: text,
    token: text,
    readiness_file_path: text,
    enable_unsafe_retries: fc.boolean(),
    task_agent_path: text,
    runner_api_base_url: text,
    allocation: text,
    ssh_advertise_addr: text,
    max_run_time: fc.integer(),
  },
  { requiredKeys: [] },
);

test('every configuration is read exactly as written', () => {
  fc.assert(
    fc.property(valid, (config) => {
      const { max_run_time = 0, ...others } = config;
      expect(parseConfig(JSON.stringify(config))).toMatchObject({
        ...others,
        max_run_time: BigInt(max_run_time),
      });
    }),
  );
});

test('whole numbers of 64 bits keep all digits', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (ns) => {
      expect(parseConfig(`{"max_run_time":${ns}}`).max_run_time).toBe(ns);
    }),
  );
});

/** Long enough not to appear in a message by chance. */
const secret = fc.stringMatching(/^[A-Z]{12,20}$/);

test('values of the wrong type are refused by name, and never quoted', () => {
  fc.assert(
    fc.property(fc.constantFrom(...fields), fc.jsonValue(), secret, (name, value, hidden) => {
      const config = JSON.stringify({ token: hidden, [name]: [value, { [hidden]: hidden }] });
      expectRefusal(() => parseConfig(config), hidden, name);
    }),
  );
});

test('texts that are cut short or damaged are refused, and never quoted', () => {
  fc.assert(
    fc.property(valid, secret, fc.nat(), text, (config, hidden, at, garbage) => {
      const whole = JSON.stringify({ ...config, token: hidden });
      const cut = whole.slice(0, at % whole.length);
      expectRefusal(() => parseConfig(cut), hidden);
      expectRefusal(() => parseConfig(`${cut}${hidden}${garbage}`), hidden);
    }),
  );
});

function expectRefusal(parse: () => unknown, hidden: string, name = ''): void {
  let refusal: unknown;
  try {
    parse();
  } catch (error) {
    refusal = error;
  }
  expect(refusal).toBeInstanceOf(Failure);
  expect(String(refusal)).toContain(name);
  const shown = refusal instanceof Error ? [refusal.stack, String(refusal.cause)].join() : '';
  expect(shown).not.toContain(hidden);
}
