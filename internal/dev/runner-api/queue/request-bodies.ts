import * as z from 'zod/mini';

/*
 * The bodies of the calls, as strict as the runner API may be: a field that is missing, unknown or of another type is
 * an error of the caller.
 */

const base64 = z.string().check(z.regex(/^[A-Za-z0-9+/]*={0,2}$/));
const count = z.int().check(z.minimum(0));
const step = z.strictObject({
  allocation: z.string(),
  step_id: count,
  timestamp: count,
  sequence_number: count,
});

export const claimBody = z.strictObject({
  name: z.string().check(z.regex(/^[A-Za-z0-9.()_-]+$/)),
  hostname: z.string(),
  ip: z.string(),
  version: z.string(),
});

export const unclaimBody = z.strictObject({ task_id: z.string(), task_token: z.string() });

export const failBody = z.strictObject({ allocation: z.string(), timestamp: count, message: base64 });

export const stepStartBody = z.strictObject({
  step,
  attributes: z.strictObject({
    type: z.string(),
    name: z.string(),
    parallel: z.boolean(),
    phase: z.string(),
    command: z.string(),
    background: z.boolean(),
    insignificant: z.boolean(),
  }),
});

export const stepOutputBody = z.strictObject({ step, out: base64 });

export const stepEndBody = z.strictObject({
  step,
  attributes: z.strictObject({
    result: z.enum(['success', 'failure']),
    exit_code: z.string().check(z.regex(/^\d+$/)),
  }),
});

export const submissionBody = z.strictObject({
  resourceClass: z.string(),
  configuration: z.record(z.string(), z.unknown()),
  retries: z.optional(count),
  warning: z.optional(z.string()),
});
