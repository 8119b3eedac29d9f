import { waitFor } from './testing/wait-for.ts';

/**
 * Gets Debian's package lists. apt can wait for the lock of the packages (DPkg::Lock::Timeout), but not for the lock of
 * their lists.
 *
 * @param update runs `apt-get update`, with LC_ALL=C. It is run again while another apt-get holds the lock
 * @throws Error with apt's own messages
 */
export async function updatePackageLists(update: () => Promise<unknown>): Promise<void> {
  const attempt = () =>
    update().then(
      () => true,
      (error: Error) => {
        if (!error.message.includes('Could not get lock')) throw error;
      },
    );
  await waitFor('apt-get update', attempt, { limitMs: 300_000, everyMs: 1_000 });
}
