import { expect, test } from 'vitest';
import { recordingLogger } from '../observability/fixtures/recording-logger.ts';
import type { Retry } from '../verdict/judge-task.ts';
import { RecordingRunnerApi } from './fixtures/recording-runner-api.ts';
import { untilToldSo } from './insist.ts';
import { reportTaskFailure } from './report-task-failure.ts';

const insistence = { ...untilToldSo, first: 1, longest: 2 };

/** Reports the failure of a task to a runner API that refuses these calls. */
async function report(
  retry: Retry,
  refusals: RecordingRunnerApi['refusals'],
  unsafeRetries = false,
  signal = new AbortController().signal,
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
  const reported = await reportTaskFailure(
    api,
    record,
    failure,
    recordingLogger().logger,
    signal,
    insistence,
  );
  return { reported, told: api.told };
}

const failed = ['fail It broke.'];

test.each<[string, Retry, boolean, RecordingRunnerApi['refusals'], string, string[]]>([
  ['what may always be tried again is handed back', 'always', false, {}, 'handed-back', ['unclaim t']],
  [
    'what may have run is handed back where that is allowed',
    'if-unsafe',
    true,
    {},
    'handed-back',
    ['unclaim t'],
  ],
  ['what may have run fails elsewhere', 'if-unsafe', false, {}, 'failed', failed],
  ['what would fail again fails', 'never', true, {}, 'failed', failed],
  [
    'what has no retries left fails',
    'always',
    false,
    { unclaim: [409] },
    'failed',
    ['unclaim t', 'fail It broke. It was not handed back, as its retries are used up.'],
  ],
  [
    'what cannot be handed back fails',
    'always',
    false,
    { unclaim: [400] },
    'failed',
    ['unclaim t', 'fail It broke. It could not be handed back for another try.'],
  ],
  [
    'what could not be handed back while the runner API was away is handed back later',
    'always',
    false,
    { unclaim: [500, 503, 429] },
    'handed-back',
    ['unclaim t', 'unclaim t', 'unclaim t', 'unclaim t'],
  ],
  [
    'what could not be said while the runner API was away is said later',
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
    'what the runner API refuses to hear is not said again',
    'never',
    false,
    { fail: [401] },
    'untold',
    failed,
  ],
])('%s', async (_case, retry, unsafe, refusals, reported, told) => {
  expect(await report(retry, refusals, unsafe)).toEqual({ reported, told });
});

test('a report to a failing runner API is repeated later, unless this program ends', async () => {
  const end = new AbortController();
  const reported = report('never', { fail: [500] }, false, end.signal);
  end.abort(new Error('the end'));
  await expect(reported).rejects.toThrow('the end');
});
