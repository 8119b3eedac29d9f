import { defineConfig } from 'vitest/config';
import { notEmulated } from './acceptance/orchestrator/not-emulated.ts';
import { clusterProjects, clusterTestFiles } from './internal/dev/testing/cluster/project.ts';
import { containerProjects, containerTestFiles } from './internal/dev/testing/containers/project.ts';
import { gvisorProjects, gvisorTestFiles } from './internal/dev/testing/gvisor/project.ts';
import { refuseIdleRun } from './internal/dev/testing/refuse-idle-run.ts';
import { vmProjects, vmTestFiles } from './internal/dev/testing/vm/project.ts';

/**
 * `unit` only needs sources and the launcher; `acceptance` needs what `./do build` leaves in target/, `containers` also a
 * Docker engine, `cluster` a Kubernetes, `vm` qemu, and `gvisor` runsc. The limits of time only end a hang and do not
 * judge a speed. Files run in a random order, so that no test comes to count on another one; --sequence.seed repeats an
 * order.
 */
export default defineConfig({
  test: {
    testTimeout: 120_000,
    hookTimeout: 180_000,
    sequence: { shuffle: { files: true } },
    reporters: ['default', refuseIdleRun()],
    tags: [
      {
        name: 'quick',
        description: 'a few of each kind, for ./do test-arm64 --quick and ./do test-vm --quick',
      },
      {
        name: 'timed',
        description: 'a time below 5 s is part of the test, for ./do test-repeatedly --timed',
      },
      ...notEmulated,
    ],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{cmd,task,init,runner,clients,internal}/**/*.test.ts'],
          globalSetup: ['internal/dev/testing/build-launcher.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'acceptance',
          include: ['acceptance/**/*.test.ts'],
          exclude: [containerTestFiles, clusterTestFiles, vmTestFiles, gvisorTestFiles],
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      ...containerProjects(),
      ...clusterProjects(),
      ...vmProjects(),
      ...gvisorProjects(),
    ],
  },
});
