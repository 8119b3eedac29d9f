import type { TestProjectInlineConfiguration } from 'vitest/config';
import { containerTestsWanted } from './engine.ts';

/** The files of the container tests. No other project may include them. */
export const containerTestFiles = 'acceptance/*/containers/**/*.test.ts';

/**
 * The project of the container tests, or none without a Docker engine. Then they are not part of the run.
 * With CONTAINER_TESTS=required the run fails instead.
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
        // A container test mostly waits for its engine, so more of them run at once than there are
        // processors.
        maxWorkers: 3,
        maxConcurrency: 4,
        sequence: { concurrent: true, groupOrder: 2 },
      },
    },
  ];
}
