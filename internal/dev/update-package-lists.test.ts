import { expect, test } from 'vitest';
import { updatePackageLists } from './update-package-lists.ts';

test('waits while another apt-get has locked the lists', async () => {
  const answers = [new Error('E: Could not get lock /var/lib/apt/lists/lock.'), undefined];
  await updatePackageLists(async () => {
    const error = answers.shift();
    if (error !== undefined) throw error;
  });
  expect(answers).toEqual([]);
});

test('does not try again after any other error', async () => {
  const update = () => Promise.reject(new Error('E: the repository is not signed'));
  await expect(updatePackageLists(update)).rejects.toThrow('not signed');
});
