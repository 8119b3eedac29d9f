import type { TestProjectInlineConfiguration } from 'vitest/config';
import { requireVmTests } from '../../variables.ts';

/** The files of the tests in virtual machines. No other project may include them. */
export const vmTestFiles = 'acceptance/vm/**/*.test.ts';

/** The project of these tests, only for `./do test-vm`: emulated, they take long and keep a processor busy. */
export function vmProjects(): TestProjectInlineConfiguration[] {
  if (!requireVmTests) return [];
  return [
    {
      extends: true,
      test: {
        name: 'vm',
        include: [vmTestFiles],
        globalSetup: ['internal/dev/testing/vm/setup.ts'],
        testTimeout: 900_000,
        hookTimeout: 600_000,
        // An emulated machine takes a processor and a gigabyte.
        maxWorkers: 1,
        sequence: { groupOrder: 4 },
      },
    },
  ];
}
