import { expect, test } from 'vitest';
import { Failure, type FailureCode } from './failure.ts';

test.each<[FailureCode, boolean, number]>([
  ['usage', false, 80],
  ['init', false, 1],
  ['config', false, 1],
  ['health-server', true, 1],
  ['trust-store', true, 1],
  ['entrypoint-start', false, 1],
  ['readiness-timeout', true, 1],
  ['not-started', true, 1],
  ['user', false, 1],
  ['agent-start', true, 1],
  ['agent-exit', false, 1],
  ['task-interrupted', false, 1],
  ['internal', false, 1],
])('%s: retryable %s, exit status %d', (code, retryable, exitStatus) => {
  expect(new Failure(code, 'text')).toMatchObject({
    code,
    retryable,
    exitStatus,
    message: 'text',
    output: '',
  });
});

test('keeps its cause and what the program wrote last', () => {
  const cause = new Error('why');
  const failure = new Failure('agent-exit', 'text', { cause, output: 'last words' });
  expect(failure).toBeInstanceOf(Error);
  expect(failure.name).toBe('Failure');
  expect(failure.cause).toBe(cause);
  expect(failure.output).toBe('last words');
});
