import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { acquireLock } from '../lock.ts';
import { endProcesses, groupsExist, removeGroups } from './cgroups.ts';
import { disconnect, isConnected } from './network.ts';
import { stateFolder } from './places.ts';

/** Takes the cluster down, whatever its state is. @returns false if nothing of it existed */
export async function takeDown(report: (what: string) => void, signal: AbortSignal): Promise<boolean> {
  await using _ = await acquireLock('cluster', signal, () => report('waits for another ./do cluster'));
  if (!isAnythingLeft()) return false;
  await removeCluster();
  return true;
}

/**
 * Ends every process of the cluster, so that the kernel removes its mounts and its network, and then removes the rest.
 * It asks the kernel for what exists, not a record, so it can be repeated after an interruption.
 *
 * @throws Error that says what cannot be ended or removed
 */
export async function removeCluster(): Promise<void> {
  await endProcesses();
  await disconnect();
  await removeGroups();
  await rm(stateFolder, { recursive: true, force: true });
}

function isAnythingLeft(): boolean {
  return groupsExist() || isConnected() || existsSync(stateFolder);
}
