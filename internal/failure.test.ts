import { expect, test } from 'vitest';
import { Failure, failureKinds } from './failure.ts';

const kinds = failureKinds({
  'no-luck': { retryable: true, exitStatus: 1 },
  'no-sense': { retryable: false, exitStatus: 80 },
});

test('is of a kind, which says what follows from it', () => {
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

test('keeps its cause and what the program wrote last', () => {
  const cause = new Error('why');
  const failure = new Failure(kinds['no-luck'], 'text', { cause, output: 'last words' });
  expect(failure).toBeInstanceOf(Error);
  expect(failure).toMatchObject({ name: 'Failure', cause, output: 'last words' });
});

test('has its code, whether it is retryable and what else is known for the log, and nothing of the message', () => {
  expect(new Failure(kinds['no-sense'], 'text').logFields).toEqual({ code: 'no-sense', retryable: false });
  const fields = { exit_status: 3 };
  expect(new Failure(kinds['no-luck'], 'text', { output: 'last words', fields }).logFields).toEqual({
    code: 'no-luck',
    retryable: true,
    exit_status: 3,
  });
});
