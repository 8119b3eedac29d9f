import { existsSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createRunnerClient } from '../clients/runner/client.ts';
import { oneAttempt } from '../clients/runner/fixtures/test-client.ts';
import { type FakeRunnerApi, startFakeRunnerApi } from '../internal/dev/runner-api/fake-runner-api.ts';
import type { ProgrammedAnswer } from '../internal/dev/runner-api/programmed-answer.ts';
import { RecordingLogger } from '../internal/dev/testing/recording-logger.ts';
import { Failure, type FailureKind, sharedKinds } from '../internal/failure.ts';
import { taskKinds } from './failure-kinds.ts';
import { reportFailure } from './report.ts';

const names = { 'task.id': 'task-1', allocation: 'allocation-1' };
const pointer = 'For more, look at the logs of this container.';

let api: FakeRunnerApi;
let logger: RecordingLogger;

beforeEach(async () => {
  api = await startFakeRunnerApi();
  logger = new RecordingLogger();
});

afterEach(async () => {
  await api.close();
});

interface Given {
  readonly failure?: Failure;
  readonly insight?: string;
  readonly unsafeRetries?: boolean;
  readonly unclaim?: ProgrammedAnswer;
  readonly fail?: ProgrammedAnswer;
  readonly baseUrl?: string;
}

/** Reports a failure. @returns the exit status */
function report(given: Given): Promise<number> {
  api.answer('unclaim', [given.unclaim ?? {}]);
  api.answer('fail', [given.fail ?? {}]);
  return reportFailure(
    given.failure ?? new Failure(taskKinds['agent-exit'], 'It failed.'),
    given.insight ?? '',
    {
      config: {
        token: 'Sesame',
        task_id: 'task-1',
        allocation: 'allocation-1',
        enable_unsafe_retries: given.unsafeRetries ?? false,
      },
      logger,
      measures: () => ({ 'orphans.reaped': 2 }),
      openClient: async () =>
        createRunnerClient({
          baseUrl: given.baseUrl ?? api.url,
          userAgent: 'test',
          proxy: {},
          ca: [],
          limits: oneAttempt,
        }),
    },
  );
}

function calls(): string[] {
  return api.requests.map((request) => request.call ?? request.path);
}

function messageSent(): string | undefined {
  return api.requests.find((request) => request.call === 'fail')?.message;
}

function ofKinds(matches: (kind: FailureKind) => boolean): FailureKind[] {
  return Object.values({ ...sharedKinds, ...taskKinds }).filter(matches);
}

const retryable = new Failure(taskKinds['agent-start'], 'It could not be started.');

describe('a retryable failure', () => {
  test('only hands the task back', async () => {
    expect(await report({ failure: retryable })).toBe(0);
    expect(calls()).toEqual(['unclaim']);
    expect(api.requests[0]?.json).toEqual({ task_id: 'task-1', task_token: 'Sesame' });
  });

  test.each(ofKinds((kind) => kind.retryable))('is: $code', async (kind) => {
    expect(await report({ failure: new Failure(kind, 'x') })).toBe(0);
    expect(calls()).toEqual(['unclaim']);
  });

  test('is reported with fail when the retries are used up, and the message says so', async () => {
    expect(await report({ failure: retryable, unclaim: { status: 409 } })).toBe(0);
    expect(calls()).toEqual(['unclaim', 'fail']);
    expect(messageSent()).toBe(
      `It could not be started. The task was not retried, as its retries are used up. ${pointer}`,
    );
  });

  test.each([400, 401, 404, 500])(
    'is reported with fail when unclaim answers %d, and both are logged',
    async (status) => {
      expect(await report({ failure: retryable, unclaim: { status } })).toBe(0);
      expect(calls().filter((call) => call === 'fail')).toHaveLength(1);
      expect(messageSent()).toBe(
        `It could not be started. The task could not be handed back for another try. ${pointer}`,
      );
      expect(logger.events).toContainEqual({
        level: 'error',
        message: 'the task could not be handed back',
        fields: { ...names, error: expect.objectContaining({ status }) },
      });
      expect(logger.events.at(-1)).toMatchObject({ message: 'failure reported to the runner API' });
    },
  );

  test('ends with 1 when both calls fail, and everything is logged', async () => {
    expect(await report({ failure: retryable, unclaim: { status: 400 }, fail: { status: 403 } })).toBe(1);
    expect(calls()).toEqual(['unclaim', 'fail']);
    expect(logger.events.map(({ level, message }) => `${level} ${message}`)).toEqual([
      'error task failed',
      'error the task could not be handed back',
      'error the runner API could not be told of the failure',
    ]);
  });
});

describe('any other failure', () => {
  const others = ofKinds((kind) => !kind.retryable);

  test.each(others)('is reported with fail: $code', async (kind) => {
    const before = Date.now();
    expect(await report({ failure: new Failure(kind, 'It failed.') })).toBe(0);
    expect(calls()).toEqual(['fail']);
    const { allocation, timestamp } = JSON.parse(api.requests[0]?.body ?? '{}');
    expect(allocation).toBe('allocation-1');
    expect(timestamp).toBeGreaterThanOrEqual(before);
    expect(timestamp).toBeLessThanOrEqual(Date.now());
    expect(messageSent()).toBe(`It failed. ${pointer}`);
  });

  test.each(others)('hands the task back when unsafe retries are enabled: $code', async (kind) => {
    expect(await report({ failure: new Failure(kind, 'It failed.'), unsafeRetries: true })).toBe(0);
    expect(calls()).toEqual(['unclaim']);
  });

  test('is reported when the retries are used up, even with unsafe retries', async () => {
    expect(await report({ unsafeRetries: true, unclaim: { status: 409 } })).toBe(0);
    expect(messageSent()).toContain('its retries are used up');
  });

  test.each<[string, Given]>([
    ['refuses it', { fail: { status: 422 } }],
    ['is down for good', { fail: { status: 503 } }],
    ['cannot be reached', { baseUrl: 'http://127.0.0.1:1' }],
    ['has no usable address', { baseUrl: 'not an address' }],
  ])('ends with 1 when the runner API %s, and that is logged', async (_title, given) => {
    expect(await report(given)).toBe(1);
    expect(logger.events.at(-1)).toMatchObject({
      level: 'error',
      message: 'the runner API could not be told of the failure',
      fields: { error: expect.any(Error) },
    });
  });
});

describe('the message', () => {
  test('has the failure, the known cause, stderr, and where to look, in this order', async () => {
    const failure = new Failure(taskKinds['agent-exit'], 'It failed: exit status 3.', {
      output: 'last words',
    });
    await report({ failure, insight: 'Memory ran out.' });
    expect(messageSent()).toBe(
      `It failed: exit status 3. Memory ran out. Its stderr:\nlast words\n${pointer}`,
    );
  });

  test('has no < > & or quotes', async () => {
    await report({ failure: new Failure(taskKinds['agent-exit'], `It's <b>"bad"</b> & worse.`) });
    expect(messageSent()).toBe(`Its bbad/b  worse. ${pointer}`);
  });

  test('has no backslash of an escaped quote', async () => {
    await report({ failure: new Failure(taskKinds['agent-exit'], JSON.stringify('["tini"')) });
    expect(messageSent()).toBe(`[tini ${pointer}`);
  });

  test('is in the log, field by field, without empty fields', async () => {
    const failure = new Failure(taskKinds['agent-exit'], 'It failed.', {
      output: 'last words',
      fields: { exit_status: 3 },
    });
    await report({ failure, insight: 'Memory ran out.' });
    await report({});
    expect(logger.events.filter(({ message }) => message === 'task failed')).toEqual([
      {
        level: 'error',
        message: 'task failed',
        fields: {
          ...names,
          code: 'agent-exit',
          retryable: false,
          exit_status: 3,
          reason: 'It failed.',
          insight: 'Memory ran out.',
          stderr: 'last words',
        },
      },
      {
        level: 'error',
        message: 'task failed',
        fields: { ...names, code: 'agent-exit', retryable: false, reason: 'It failed.' },
      },
    ]);
  });

  test.each<[string, Given, string]>([
    ['handed back', { failure: retryable }, 'task handed back to the runner API for another try'],
    ['reported', {}, 'failure reported to the runner API'],
    ['not told', { fail: { status: 403 } }, 'the runner API could not be told of the failure'],
  ])('of a task that is %s ends with a line of its names and measures', async (_title, given, message) => {
    await report(given);
    expect(logger.events.at(-1)).toMatchObject({ message, fields: { ...names, 'orphans.reaped': 2 } });
  });

  test('does not create a termination log', async () => {
    const existed = existsSync('/dev/termination-log');
    await report({});
    expect(existsSync('/dev/termination-log')).toBe(existed);
  });
});
