import { withLimit } from '../../interruption.ts';
import { startFakeRunnerApi } from '../../runner-api/fake-runner-api.ts';
import { say, title } from '../screen.ts';
import { findContainer } from './container.ts';
import { copyBinaries, makePodFolders } from './pod-folders.ts';
import { recordTask } from './record-task.ts';
import { scenarios } from './scenarios.ts';
import { printSummary } from './summary.ts';

/** The limit for steps that take a few seconds, if the machine is not busy; ms. */
const limitMs = 100_000;

/**
 * Runs one task on this machine: with folders in place of the image and the volume, and a process in place of the
 * container.
 *
 * @param name that of a scenario
 * @returns whether every promise was kept
 * @throws Error that lists the names that there are, or the signal's reason
 */
export async function showTask(name: string, interruption: AbortSignal): Promise<boolean> {
  const scenario = scenarios[name];
  if (scenario === undefined)
    throw new Error(`there is no demo "${name}"; there are ${Object.keys(scenarios).join(', ')} and cluster`);
  const signal = withLimit(limitMs, interruption);
  title(scenario.title);
  await using folders = await makePodFolders();
  await using api = await startFakeRunnerApi({
    onRequest: ({ method, path }) => say('runner API', `${method} ${path}`),
  });
  const container = await findContainer();
  say('demo', 'the init container copies the binaries to the volume');
  await copyBinaries(folders, signal);
  say('demo', `the task's container starts: ${container.description}`);
  const seen = await recordTask({ folders, scenario, container, runnerApiUrl: api.url, signal });
  signal.throwIfAborted();
  return printSummary(scenario, container.description, { ...seen, requests: api.requests });
}
