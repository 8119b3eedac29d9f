import type { TestProjectInlineConfiguration } from 'vitest/config';
import { clusterTestsWanted } from '../../cluster/start-cluster.ts';

/** The files of the tests on a Kubernetes. No other project may include them. */
export const clusterTestFiles = 'acceptance/cluster/**/*.test.ts';

/** The tests that stop a part of the cluster, or drain its node. No other test may run meanwhile. */
const outageTestFiles = 'acceptance/cluster/*/outages/**/*.test.ts';

/**
 * The projects of these tests, or none if no cluster is up. Then they are not part of the run. With
 * CLUSTER_TESTS=required the run brings the cluster up, or fails.
 */
export function clusterProjects(): TestProjectInlineConfiguration[] {
  if (!clusterTestsWanted()) return [];
  const usual = {
    globalSetup: ['internal/dev/testing/cluster/setup.ts'],
    testTimeout: 400_000,
  };
  return [
    {
      extends: true,
      test: {
        ...usual,
        name: 'cluster',
        include: [clusterTestFiles],
        exclude: [outageTestFiles],
        // A test mostly waits for the kubelet, so more tests run at once than there are processors.
        maxWorkers: 3,
        maxConcurrency: 10,
        sequence: { concurrent: true, groupOrder: 3 },
      },
    },
    {
      extends: true,
      test: {
        ...usual,
        name: 'cluster-outages',
        include: [outageTestFiles],
        maxWorkers: 1,
        sequence: { groupOrder: 4 },
      },
    },
  ];
}
