import { expect, test } from 'vitest';
import type { Meaning } from './calls/call.ts';
import { Doubt, defaultCallPolicy, type RepeatPolicy, repeatCall } from './repeat-call.ts';
import { RunnerApiError } from './runner-api-error.ts';

const quick = { ...defaultCallPolicy, first: 1, longest: 2 };
const believing: RepeatPolicy = { ...quick, doubtMs: { gone: 0, refused: 0 } };

interface Refusal {
  readonly meaning?: Meaning;
  readonly status?: number;
  readonly attempts?: number;
  readonly retryAfterMs?: number;
}

/** Makes a call that gets these answers, and then succeeds. @returns how often it was made, and the words of its end */
async function call(answers: readonly Refusal[], policy: RepeatPolicy = quick) {
  let calls = 0;
  const troubles: unknown[] = [];
  const attempt = async () => {
    const answer = answers[calls++];
    if (answer === undefined) return 'success';
    throw new RunnerApiError(answer.meaning ?? 'no answer', { attempts: 1, ...answer });
  };
  const made = repeatCall(attempt, policy, (error) => troubles.push(error), new AbortController().signal);
  const end = await made.catch((error: Error) => error.message);
  return { calls, end, troubles: troubles.length };
}

const gone: Refusal = { meaning: 'gone', status: 404 };
const refused: Refusal = { meaning: 'refused', status: 403 };
const malformed: Refusal = { meaning: 'malformed', status: 200 };
const later: Refusal = { meaning: 'try-again', status: 503 };

test.each<[string, Refusal[]]>([
  ['no answer', [{}, {}, {}]],
  ['an answer that the client itself retries', [later, later, later]],
  ['that the task is not known', [gone, gone, gone]],
  ['a refusal', [refused, refused, { ...refused, status: 302 }]],
  ['a page of somebody else', [malformed, malformed]],
  ['one after the other', [gone, refused, gone, later, {}, malformed, gone]],
])('a call is repeated while it gets %s', async (_case, answers) => {
  expect(await call(answers)).toMatchObject({ end: 'success', calls: answers.length + 1 });
});

test.each<[string, Refusal, RepeatPolicy]>([
  ['that the task is not known', gone, believing],
  ['a refusal', refused, believing],
  ['a page of somebody else', malformed, believing],
  ['a conflict, which only the runner API knows of', { meaning: 'refused', status: 409 }, quick],
  ['an answer that is too long', { meaning: 'too-long', status: 200 }, quick],
  ['that the retries of the task are used up', { meaning: 'retries-exhausted', status: 409 }, quick],
  ['that the token cannot be used, so no attempt was made', { attempts: 0 }, quick],
])('a call is not repeated when it is believed: %s', async (_case, answer, policy) => {
  expect(await call([answer], policy)).toMatchObject({ end: answer.meaning ?? 'no answer', calls: 1 });
});

test('a pause that the server asks for ends when the time is up, and then the call is made once more', async () => {
  const busy: Refusal = { ...later, retryAfterMs: 3_600_000 };
  expect(
    await call(
      Array.from({ length: 9 }, () => busy),
      { ...quick, limitMs: 20 },
    ),
  ).toMatchObject({
    end: 'try-again',
  });
});

test('an answer that comes again and again is asked for when the doubt ends, and then believed', async () => {
  const policy = { ...defaultCallPolicy, doubtMs: { ...defaultCallPolicy.doubtMs, gone: 5 } };
  expect(
    await call(
      Array.from({ length: 100 }, () => gone),
      policy,
    ),
  ).toMatchObject({ end: 'gone' });
});

test('another answer begins the doubt anew', () => {
  const doubt = new Doubt({ gone: 0, refused: 60_000 });
  const isDoubted = ({ meaning, status }: Refusal) =>
    doubt.note(new RunnerApiError('', { meaning, status, attempts: 1 })) > 0;
  expect([refused, malformed, gone, refused, later, {}].map(isDoubted)).toEqual([
    true,
    true,
    false,
    true,
    false,
    false,
  ]);
});

test('the limit of time ends all calls, but not the doubt that a task is gone', async () => {
  const policy = { ...quick, limitMs: 0 };
  expect(await call([{}], policy)).toMatchObject({ end: 'no answer', calls: 1 });
  expect(await call([refused], policy)).toMatchObject({ end: 'refused', calls: 1 });
  expect(await call([gone], policy)).toMatchObject({ end: 'success', calls: 2 });
  expect(await call([gone], { ...believing, limitMs: 0 })).toMatchObject({ end: 'gone', calls: 1 });
});

test('nobody hears of a task that is gone, and somebody of all other trouble', async () => {
  expect(await call([gone, gone])).toMatchObject({ troubles: 0 });
  expect(await call([{}, refused, later])).toMatchObject({ troubles: 3 });
});
