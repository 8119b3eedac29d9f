import { expect, test } from 'vitest';
import { runOverride } from './run-override.windows.ts';

test('override is a usage error on Windows, and the message says what to do', async () => {
  await expect(Reflect.apply(runOverride, undefined, [])).rejects.toMatchObject({
    code: 'usage',
    exitStatus: 80,
    message: expect.stringMatching(/not available on Windows.*start run-task.*"cmd"/),
  });
});
