import { constants } from 'node:os';
import { expect, test } from 'vitest';
import { RecordingLogger } from '../internal/dev/testing/recording-logger.ts';
import { Environment } from '../internal/environment.ts';
import { SecretMask } from '../internal/secrets/secret-mask.ts';
import { parseConfig } from './config.ts';
import { KeptOutput } from './processes/kept-output.ts';
import type { Child, Processes } from './processes/processes.ts';
import { Task } from './task.ts';
import { Timeline } from './timeline.ts';

test('an agent has not failed by a signal that came only after its end', async () => {
  const agent: Child = {
    pid: 0,
    started: Promise.resolve(),
    ended: Promise.resolve({ exitCode: 3 }),
    stderr: new KeptOutput(new SecretMask()),
    signal: () => {},
    isOutOfReach: () => false,
    groupGone: async () => {},
    drain: async () => {},
  };
  const processes: Pick<Processes, 'extendSearchPath' | 'findUser' | 'shutDown' | 'start'> = {
    findUser: () => undefined,
    extendSearchPath: (environment) => environment,
    start: () => agent,
    shutDown: async () => {
      task.onSignal(constants.signals.SIGTERM);
      return 'none';
    },
  };
  const task = new Task({
    config: parseConfig('{"task_agent_path":"/agent","token":"x"}'),
    settings: { shutdownDelayMs: 0, gracePeriodMs: 0, readinessTimeoutMs: 0 },
    environment: Environment.fromObject({}),
    processes: processes as Processes,
    onReady: () => {},
    logger: new RecordingLogger(),
    timeline: new Timeline(),
  });
  await expect(task.run()).rejects.toMatchObject({ message: 'The task agent failed: exit status 3.' });
});
