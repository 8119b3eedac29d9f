import { onInterruption } from '../interruption.ts';
import { print } from './screen.ts';
import { showTask } from './task/show-task.ts';

/*
 * ./do demo: runs a task for real, with an agent and a runner API of this repository's own. Exits with 0 if the demo kept
 * all its promises.
 */
try {
  process.exitCode = (await showTask(process.argv[2] ?? 'success', onInterruption())) ? 0 : 1;
} catch (error) {
  print(`\ndemo: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
