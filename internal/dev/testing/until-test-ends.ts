import { onTestFinished } from 'vitest';

/** Disposes of something after the test. Call this in a test or in `beforeEach`. */
export function untilTestEnds<T extends AsyncDisposable>(resource: T): T {
  onTestFinished(() => resource[Symbol.asyncDispose]());
  return resource;
}
