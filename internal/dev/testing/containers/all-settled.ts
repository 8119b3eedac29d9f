/**
 * Like Promise.all, but it settles only when all promises have settled. Otherwise, things that are still
 * being made after a failure could not be removed.
 */
export async function allSettled(promises: readonly Promise<unknown>[]): Promise<void> {
  for (const result of await Promise.allSettled(promises)) {
    if (result.status === 'rejected') throw result.reason;
  }
}
