import { acquireLock } from '../lock.ts';
import { waitFor } from '../testing/wait-for.ts';
import { nodeName } from './addresses.ts';
import { readObject } from './api-server.ts';
import { buildComponents } from './build-components.ts';
import { makeCertificates } from './certificates.ts';
import { removeCluster } from './down.ts';
import { writeKubeconfigs } from './kubeconfigs.ts';
import { connect } from './network.ts';
import { meetRequirements } from './requirements.ts';
import { findSandbox, openSandbox } from './sandbox.ts';
import { startComponents } from './start-components.ts';
import { isUp } from './status.ts';

/** Reports what happens. */
export type ReportProgress = (what: string) => void;

/** Much longer than a busy machine needs. */
const patience = { limitMs: 180_000, everyMs: 200 };

/**
 * Brings the cluster up: builds and installs missing programs, and starts those that do not run. Then the node accepts
 * Pods.
 *
 * @throws Error if it fails, or the signal's reason. Then nothing of the cluster is left
 */
export async function bringUp(report: ReportProgress, signal: AbortSignal): Promise<void> {
  await meetRequirements(report, signal);
  const programs = await buildComponents(report, signal);
  await using _ = await acquireLock('cluster', signal, () => report('waits for another ./do cluster'));
  if (await isUp()) {
    report('is up already');
    return;
  }
  try {
    await start(programs, report, signal);
  } catch (error) {
    report('is taken down again');
    await removeCluster();
    throw error;
  }
}

async function start(programs: string, report: ReportProgress, signal: AbortSignal): Promise<void> {
  // The remains of a cluster whose first process is gone are useless.
  if (findSandbox() === undefined) await removeCluster();
  const sandbox = await openSandbox(programs, signal);
  await connect(sandbox);
  await makeCertificates();
  await writeKubeconfigs();
  report('has its namespaces, its network and its certificates');
  await startComponents({ sandbox, programs }, report, signal);
  await waitForObjects(signal);
  report('is up: its node takes Pods');
}

/** Waits for the objects that the controller manager and the kubelet create before a Pod can run. */
async function waitForObjects(signal: AbortSignal): Promise<void> {
  const areThere = async () => {
    signal.throwIfAborted();
    const account = await readObject('/api/v1/namespaces/default/serviceaccounts/default');
    return account !== undefined && isReady(await readObject(`/api/v1/nodes/${nodeName}`));
  };
  await waitFor('the node to be ready, and the first service account', areThere, patience);
}

interface Node {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

function isReady(node: unknown): boolean {
  const { conditions = [] } = (node as Node | undefined)?.status ?? {};
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}
