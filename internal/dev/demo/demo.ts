import { startFakeRunnerApi } from '../runner-api/fake-runner-api.ts';
import { findContainer } from './container.ts';
import { copyBinaries, makePodFolders } from './pod-folders.ts';
import { recordTask } from './record-task.ts';
import { scenarios } from './scenarios.ts';
import { print, say, title } from './screen.ts';
import { printSummary } from './summary.ts';

/*
 * ./do demo: runs a task for real, with an agent and a runner API of this repository's own. Exits with 0 if
 * the demo kept all its promises.
 */

/** The limit for steps that take a few seconds, if the machine is not busy; ms. */
const limitMs = 100_000;

async function main(name: string): Promise<boolean> {
  const scenario = scenarios[name];
  if (scenario === undefined) {
    throw new Error(`there is no demo "${name}"; there are ${Object.keys(scenarios).join(', ')}`);
  }
  const signal = endAfter(limitMs);
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

/** Ends a demo that hangs or is interrupted, so no process and no scratch volume is left. */
function endAfter(ms: number): AbortSignal {
  const end = new AbortController();
  setTimeout(() => end.abort(new Error(`ended, as it took more than ${ms / 1000} s`)), ms).unref();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => end.abort(new Error(`interrupted by ${name}`)));
  }
  return end.signal;
}

try {
  process.exitCode = (await main(process.argv[2] ?? 'success')) ? 0 : 1;
} catch (error) {
  print(`\ndemo: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
