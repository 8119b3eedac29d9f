import { existsSync } from 'node:fs';
import { runCommand } from '../run-command.ts';
import { addresses } from './addresses.ts';
import { inSandbox } from './sandbox.ts';

/** This machine's end of the cable to the cluster, and all that it sees of the cluster's network. */
const link = 'runner-init0';
/** The cluster's end, in its own network. */
const uplink = 'eth0';

/** Lays the cable between this machine and the cluster; what is there already stays. */
export async function connect(sandbox: number): Promise<void> {
  if (!isConnected()) {
    await runCommand([
      'ip',
      'link',
      'add',
      link,
      'type',
      'veth',
      'peer',
      'name',
      uplink,
      'netns',
      `${sandbox}`,
    ]);
  }
  await runCommand(['ip', '-batch', '-'], { input: machineEnd });
  await runCommand(inSandbox(sandbox, ['ip', '-batch', '-']), { input: clusterEnd });
}

const machineEnd = `
address replace ${addresses.machine}/${addresses.linkPrefix} dev ${link}
link set ${link} up
route replace ${addresses.cluster} via ${addresses.node} dev ${link}
`;

/** No way leads from the cluster to anything but this machine: whoever looks for an image elsewhere fails at once. */
const clusterEnd = `
address replace ${addresses.node}/${addresses.linkPrefix} dev ${uplink}
link set ${uplink} up
`;

/** Takes it away. Both ends go, and this machine's address and route with them. */
export async function disconnect(): Promise<void> {
  // The kernel does the same on its own, some time after the last process of the network has ended.
  if (isConnected()) await runCommand(['ip', 'link', 'delete', link]).catch(throwIfConnected);
}

export function isConnected(): boolean {
  return existsSync(`/sys/class/net/${link}`);
}

function throwIfConnected(error: unknown): void {
  if (isConnected()) throw error;
}
