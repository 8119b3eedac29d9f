import { existsSync } from 'node:fs';
import { runCommand } from '../run-command.ts';
import { addresses } from './addresses.ts';
import { inSandbox } from './sandbox.ts';

/** This machine's end of the virtual cable to the cluster. It sees nothing else of the cluster's network. */
const link = 'runner-init0';
/** The cluster's end, in its own network. */
const uplink = 'eth0';

/** Connects this machine and the cluster. Existing parts stay. */
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

/** The cluster can only reach this machine, so a pull of an image from elsewhere fails at once. */
const clusterEnd = `
address replace ${addresses.node}/${addresses.linkPrefix} dev ${uplink}
link set ${uplink} up
`;

/** Removes both ends of the cable, and with them this machine's address and route. */
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
