import { expect, test } from 'vitest';
import type { Meaning } from './calls/call.ts';
import { type RetryPolicy, retryCall, untilAnswered } from './retry-call.ts';
import { RunnerApiError } from './runner-api-error.ts';

const policy: RetryPolicy = {
  ...untilAnswered,
  first: 1,
  longest: 2,
  belief: { gone: 2, malformed: 3, refused: 4 },
};

interface Refusal {
  readonly meaning?: Meaning;
  readonly status?: number;
  readonly attempts?: number;
}

/** Makes a call that gets these answers, and then succeeds. @returns how often it was made, and the words of its end */
async function call(answers: readonly Refusal[], change: Partial<RetryPolicy> = {}) {
  let calls = 0;
  const troubles: unknown[] = [];
  const attempt = async () => {
    const answer = answers[calls++];
    if (answer === undefined) return 'success';
    throw new RunnerApiError(answer.meaning ?? 'no answer', { attempts: 1, ...answer });
  };
  const made = retryCall(
    attempt,
    { ...policy, ...change },
    (error) => troubles.push(error),
    new AbortController().signal,
  );
  const end = await made.catch((error: Error) => error.message);
  return { calls, end, troubles: troubles.length };
}

const gone: Refusal = { meaning: 'gone', status: 404 };
const refused: Refusal = { meaning: 'refused', status: 403 };
const malformed: Refusal = { meaning: 'malformed', status: 200 };
const later: Refusal = { meaning: 'try-again', status: 503 };

test.each<[string, Refusal[], string, number]>([
  ['no answer', [{}, {}, {}, {}, {}], 'success', 6],
  ['an answer that the client itself retries', [later, later, later, later, later], 'success', 6],
  ['"not known", not believed yet', [gone], 'success', 2],
  ['"not known", believed', [gone, gone], 'gone', 2],
  ['a refusal, not believed yet', [refused, refused, refused], 'success', 4],
  [
    'refusals with other statuses, believed',
    [refused, refused, { ...refused, status: 302 }, refused],
    'refused',
    4,
  ],
  ['a page of somebody else, not believed yet', [malformed, malformed], 'success', 3],
  ['a page of somebody else, believed', [malformed, malformed, malformed], 'malformed', 3],
  ['no two answers in a row', [gone, refused, gone, later, gone, {}, gone], 'success', 8],
  ['a conflict', [{ meaning: 'refused', status: 409 }], 'refused', 1],
  ['that its retries are used up', [{ meaning: 'retries-exhausted', status: 409 }], 'retries-exhausted', 1],
  ['no attempt: the token cannot be used', [{ attempts: 0 }], 'no answer', 1],
])('a call is repeated until its answer can be believed: %s', async (_case, answers, end, calls) => {
  expect(await call(answers)).toMatchObject({ end, calls });
});

test('the limit of time ends calls without an answer, and not the doubt about one', async () => {
  expect(await call([{}], { limitMs: 0 })).toMatchObject({ end: 'no answer', calls: 1 });
  expect(await call([gone], { limitMs: 0 })).toMatchObject({ end: 'success', calls: 2 });
});

test('nobody hears of a task that is gone, and somebody of all other trouble', async () => {
  expect(await call([gone, gone])).toMatchObject({ troubles: 0 });
  expect(await call([{}, refused, later])).toMatchObject({ troubles: 3 });
});
