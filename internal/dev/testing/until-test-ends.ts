import { onTestFinished } from 'vitest';

/** Disposes of something when the test has finished that calls this, or what runs before each. */
export function untilTestEnds<T extends AsyncDisposable>(resource: T): T {
  onTestFinished(() => resource[Symbol.asyncDispose]());
  return resource;
}
