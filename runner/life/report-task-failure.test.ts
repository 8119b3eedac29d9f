import { expect, test } from 'vitest';
import { RecordingLogger } from '../../internal/dev/testing/recording-logger.ts';
import type { Retry } from '../verdict/verdict.ts';
import { doubtingPolicy, quickPolicy, RecordingRunnerApi } from './fixtures/recording-runner-api.ts';
import { reportTaskFailure } from './report-task-failure.ts';

/** Reports the failure of a task to a runner API that refuses these calls. */
async function report(
  retry: Retry,
  refusals: RecordingRunnerApi['refusals'],
  unsafeRetries = false,
  signal = new AbortController().signal,
  policy = quickPolicy,
) {
  const api = new RecordingRunnerApi();
  Object.assign(api.refusals, refusals);
  const record = {
    podName: 'p',
    taskId: 't',
    allocation: 'a',
    resourceClass: 'a/b',
    token: 'x',
    unsafeRetries,
  };
  const failure = { retry, message: 'It broke.' };
  const logger = new RecordingLogger();
  const { events: lines } = logger;
  const reported = await reportTaskFailure(api, record, failure, policy, logger, signal);
  return { lines, reported, told: api.told };
}

const failed = ['fail It broke.'];

test.each<[string, Retry, boolean, RecordingRunnerApi['refusals'], string, string[]]>([
  ['a task that did not run is handed back', 'always', false, {}, 'handed-back', ['unclaim t']],
  [
    'a task that may have run is handed back if that is allowed',
    'if-unsafe',
    true,
    {},
    'handed-back',
    ['unclaim t'],
  ],
  ['a task that may have run fails otherwise', 'if-unsafe', false, {}, 'failed', failed],
  ['a task that would fail again fails', 'never', true, {}, 'failed', failed],
  [
    'a task whose retries are used up fails',
    'always',
    false,
    { unclaim: [409] },
    'failed',
    ['unclaim t', 'fail It broke. It was not handed back, as its retries are used up.'],
  ],
  [
    'a task that cannot be handed back fails',
    'always',
    false,
    { unclaim: [400] },
    'failed',
    ['unclaim t', 'fail It broke. It could not be handed back for another try.'],
  ],
  [
    'a task is handed back later if the runner API is away',
    'always',
    false,
    { unclaim: [500, 503, 429] },
    'handed-back',
    ['unclaim t', 'unclaim t', 'unclaim t', 'unclaim t'],
  ],
  [
    'a task fails later if the runner API is away',
    'never',
    false,
    { fail: [500, 502] },
    'failed',
    [...failed, ...failed, ...failed],
  ],
  [
    'a task that is unknown when it is handed back is gone',
    'always',
    false,
    { unclaim: [404] },
    'gone',
    ['unclaim t'],
  ],
  ['a task that is unknown when it fails is gone', 'never', false, { fail: [404] }, 'gone', failed],
  [
    'a report that the runner API refuses for good is not repeated',
    'never',
    false,
    { fail: [401] },
    'untold',
    failed,
  ],
])('%s', async (_case, retry, unsafe, refusals, reported, told) => {
  expect(await report(retry, refusals, unsafe)).toMatchObject({ reported, told });
});

test.each<[string, Retry, RecordingRunnerApi['refusals'], string, number]>([
  ['a load balancer without servers', 'never', { fail: [404, 404] }, 'failed', 3],
  [
    'a load balancer without servers, when a task is handed back',
    'always',
    { unclaim: [404] },
    'handed-back',
    2,
  ],
  ['a login page', 'never', { fail: [302, 302] }, 'failed', 3],
  ['a proxy that forbids it', 'always', { unclaim: [403, 401] }, 'handed-back', 3],
  ['several of them in turn', 'never', { fail: [404, 503, 403, 404] }, 'failed', 5],
])(
  'a report gets through after the answer of somebody else: %s',
  async (_case, retry, refusals, reported, tries) => {
    const outcome = await report(retry, refusals, false, undefined, doubtingPolicy);
    expect({ reported: outcome.reported, tries: outcome.told.length }).toEqual({ reported, tries });
  },
);

test('the log has no line for a task that is gone, and one for each refusal', async () => {
  const gone = await report('never', { fail: [404] });
  expect(gone.lines).toEqual([]);
  const refused = await report('never', { fail: [403, 403] }, false, undefined, doubtingPolicy);
  expect(refused.lines.map(({ message }) => message)).toEqual([
    'the runner API could not be told of a failure',
    'the runner API could not be told of a failure',
  ]);
});

test.each<[string, Retry, RecordingRunnerApi['refusals'], string]>([
  ['a failure was reported, and the task is unknown', 'never', { fail: [504, 404] }, 'unconfirmed'],
  ['a failure was reported, and is refused', 'never', { fail: [504, 409] }, 'unconfirmed'],
  ['a task was handed back, and is unknown', 'always', { unclaim: [502, 404] }, 'unconfirmed'],
  ['a task was handed back, and cannot fail', 'always', { unclaim: [502, 401], fail: [404] }, 'unconfirmed'],
  ['the runner API has only asked to wait, and the task is unknown', 'never', { fail: [429, 404] }, 'gone'],
])(
  'the end of a task is true to what is known after a try without an answer: %s',
  async (_case, retry, refusals, reported) => {
    expect(await report(retry, refusals)).toMatchObject({ reported });
  },
);

test('a report to a failing runner API is repeated later, unless this program ends', async () => {
  const end = new AbortController();
  const reported = report('never', { fail: [500] }, false, end.signal);
  end.abort(new Error('the end'));
  await expect(reported).rejects.toThrow('the end');
});
