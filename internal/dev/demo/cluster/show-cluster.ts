import { kubectl } from '../../cluster/kubectl.ts';
import { startCluster } from '../../cluster/start-cluster.ts';
import { withLimit } from '../../interruption.ts';
import { names } from '../../testing/cluster/controller-manifest.ts';
import { createNamespace } from '../../testing/cluster/namespace.ts';
import { print, say, title } from '../screen.ts';
import { loadDemoImages } from './demo-images.ts';
import { runJobs } from './run-jobs.ts';
import { printSummary } from './summary.ts';

/** The limit for jobs that take some seconds, if the machine is not busy; ms. */
const jobsLimitMs = 300_000;

/** The settings of the demo. */
export interface ClusterDemo {
  /** Whether the cluster, the controller and the Pods stay. */
  readonly keep: boolean;
}

/**
 * Runs jobs on a Kubernetes of this machine, with the container runner installed as by an operator. Takes everything
 * down that it has started.
 *
 * @returns whether every promise was kept
 * @throws Error that says what is missing for a cluster, or the signal's reason
 */
export async function showCluster({ keep }: ClusterDemo, signal: AbortSignal): Promise<boolean> {
  title('Five jobs on a Kubernetes of this machine');
  const beginMs = performance.now();
  await using installed = new AsyncDisposableStack();
  installed.use(await startCluster((what) => say('cluster', what), signal));
  const upMs = performance.now() - beginMs;
  say('demo', 'makes images of files of this machine, and gives them to the cluster');
  await loadDemoImages();
  signal.throwIfAborted();
  const namespace = installed.use(await createNamespace({ purpose: 'demo', stays: keep }));
  const stage = { namespace: namespace.name, podsStay: keep, installed };
  const seen = await runJobs(stage, withLimit(jobsLimitMs, signal)).catch(async (error: unknown) => {
    if (!signal.aborted) await tellController(namespace.name);
    throw error;
  });
  const jobsMs = performance.now() - beginMs - upMs;
  const isKept = printSummary({ ...seen, podsStay: keep, upMs, jobsMs });
  if (keep) {
    installed.move();
    tellHowToLook(namespace.name);
  }
  return isKept;
}

async function tellController(namespace: string): Promise<void> {
  const log = ['logs', `--namespace=${namespace}`, `deployment/${names.controller}`, '--tail=20'];
  print(await kubectl(log).catch((error: unknown) => String(error)));
}

function tellHowToLook(namespace: string): void {
  title('The cluster stays, with the controller and the Pods of the jobs, and without this runner API');
  for (const command of ['get pods,events', 'describe pods', `logs deployment/${names.controller}`]) {
    print(`  ./do cluster kubectl --namespace ${namespace} ${command}`);
  }
  print('  ./do cluster down');
}
