import { Command } from 'commander';
import { onInterruption } from '../interruption.ts';
import { showCluster } from './cluster/show-cluster.ts';
import { print } from './screen.ts';
import { showTask } from './task/show-task.ts';

/*
 * ./do demo: shows the programs of this repository at work, with its own task agent and runner API. `cluster` shows the
 * container runner on a Kubernetes, every other name the orchestrator with one task. Exits with 0 if the demo kept all
 * its promises.
 */
async function main(): Promise<boolean> {
  const command = new Command('demo').argument('[NAME]', '', 'success').option('--keep', '', false).parse();
  const [name] = command.processedArgs as [string];
  const options = command.opts<{ keep: boolean }>();
  const interruption = onInterruption();
  if (name === 'cluster') return showCluster(options, interruption);
  if (options.keep) throw new Error('--keep is for the demo on a cluster');
  return showTask(name, interruption);
}

try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  print(`\ndemo: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
