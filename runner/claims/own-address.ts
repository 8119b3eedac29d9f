import type { NetworkInterfaceInfo } from 'node:os';

/**
 * The address under which the runner API lists this program: the Pod's own. The Helm chart does not pass it, but a Pod
 * has one interface beside the loopback, and at most one address of each family that others can reach.
 *
 * @param interfaces as `os.networkInterfaces()` returns them
 * @returns IPv4 if there is one, because the list is made for IPv4. Empty if there is no address
 */
export function ownAddress(interfaces: NodeJS.Dict<readonly NetworkInterfaceInfo[]>): string {
  const reachable = Object.values(interfaces)
    .flatMap((addresses) => addresses ?? [])
    .filter(({ address, internal }) => !internal && !/^(fe80:|169\.254\.)/i.test(address));
  const first = reachable.find(({ family }) => family === 'IPv4') ?? reachable[0];
  return first?.address ?? '';
}
