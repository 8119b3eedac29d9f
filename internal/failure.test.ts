import { expect, test } from 'vitest';
import { Failure, failureKinds } from './failure.ts';

const kinds = failureKinds({
  'no-luck': { retryable: true, exitStatus: 1 },
  'no-sense': { retryable: false, exitStatus: 80 },
});

test('has a kind, which decides the consequences', () => {
  expect(new Failure(kinds['no-luck'], 'text')).toMatchObject({
    code: 'no-luck',
    retryable: true,
    exitStatus: 1,
    message: 'text',
    output: '',
  });
  expect(new Failure(kinds['no-sense'], 'text')).toMatchObject({
    code: 'no-sense',
    retryable: false,
    exitStatus: 80,
  });
});

test('keeps its cause and the last output of the program', () => {
  const cause = new Error('why');
  const failure = new Failure(kinds['no-luck'], 'text', { cause, output: 'last words' });
  expect(failure).toBeInstanceOf(Error);
  expect(failure).toMatchObject({ name: 'Failure', cause, output: 'last words' });
});

test('has fields for the log: its code, whether it is retryable and further facts, but not the message', () => {
  expect(new Failure(kinds['no-sense'], 'text').logFields).toEqual({ code: 'no-sense', retryable: false });
  const fields = { exit_status: 3 };
  expect(new Failure(kinds['no-luck'], 'text', { output: 'last words', fields }).logFields).toEqual({
    code: 'no-luck',
    retryable: true,
    exit_status: 3,
  });
});
