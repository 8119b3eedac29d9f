import { expect } from 'vitest';

/** The end of a task whose orchestrator has ended it. */
export const done = { calls: [], work: { end: 'done' } };

/** The end of a task whose orchestrator has reported a failure. */
export const failed = { calls: ['fail'], work: { end: 'failed', reason: 'orchestrator' } };

/** The end of a task whose orchestrator was killed. */
export const wasKilled = {
  calls: ['fail'],
  message: expect.stringMatching(/container-0 .* exit status 137 \(SIGKILL\)/),
  work: { end: 'failed', reason: 'primary-failed', 'app.to_retry': false },
};
