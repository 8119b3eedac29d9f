import type { TestProjectInlineConfiguration } from 'vitest/config';
import { requireGvisorTests } from '../../variables.ts';

/** The files of the tests under gVisor. No other project may include them. */
export const gvisorTestFiles = 'acceptance/gvisor/**/*.test.ts';

/** The project of these tests. It is only there for `./do test-gvisor`, which installs gVisor. */
export function gvisorProjects(): TestProjectInlineConfiguration[] {
  if (!requireGvisorTests) return [];
  return [
    {
      extends: true,
      test: { name: 'gvisor', include: [gvisorTestFiles], sequence: { groupOrder: 5 } },
    },
  ];
}
