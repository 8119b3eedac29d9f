import type { TestProjectInlineConfiguration } from 'vitest/config';
import { containerTestsWanted } from './engine.ts';

/** The files of the container tests, which no other project may include. */
export const containerTestFiles = 'acceptance/orchestrator/containers/**/*.test.ts';

/**
 * The project of the container tests, or none where there is no Docker engine: then they are not part of the run at
 * all, unless CONTAINER_TESTS=required, which makes the run fail.
 */
export function containerProjects(): TestProjectInlineConfiguration[] {
  if (!containerTestsWanted()) return [];
  return [
    {
      extends: true,
      test: {
        name: 'containers',
        include: [containerTestFiles],
        globalSetup: ['internal/dev/testing/containers/setup.ts'],
        // A container mostly waits for its engine: more of them at once than there are processors.
        maxWorkers: 3,
        maxConcurrency: 4,
        sequence: { concurrent: true, groupOrder: 2 },
      },
    },
  ];
}
