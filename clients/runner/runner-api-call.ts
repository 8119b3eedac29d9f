/** What the runner API is asked for: where, and what for in words. */
export const calls = {
  unclaim: { route: '/api/v3/runner/unclaim', purpose: 'hand the task back to the runner API' },
  fail: { route: '/api/v2/task/event/fail', purpose: 'report the failure to the runner API' },
} as const;

export type Call = keyof typeof calls;
