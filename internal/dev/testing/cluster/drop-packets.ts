import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { firstProcessOf } from './first-process.ts';
import { holdFault } from './hold-fault.ts';

/** A place that a Pod talks to, as the Pod sees it. */
export interface Peer {
  readonly address: string;
  readonly port: number;
}

/**
 * Drops all packets between a Pod and a peer, in both directions, so neither learns that the other is out of reach. The
 * rules are in the Pod's own network, where they affect nobody else and end with the Pod at the latest.
 *
 * @param container one that runs
 * @returns a handle that ends it
 */
export async function dropPackets(pod: Pod, container: string, peer: Peer): Promise<AsyncDisposable> {
  const pid = firstProcessOf(pod, container);
  if (pid === undefined) throw new Error(`${container} of ${pod.metadata?.name} does not run`);
  return await holdFault({ begin, end, parameters: [peer.address, `${peer.port}`] }, pid);
}

const begin = `
iptables --wait --append OUTPUT --protocol tcp --destination "$1" --dport "$2" --jump DROP
iptables --wait --append INPUT --protocol tcp --source "$1" --sport "$2" --jump DROP`;

/** A Pod's network has no other rules. */
const end = 'iptables --wait --flush';
