import type { NetworkInterfaceInfo } from 'node:os';
import { expect, test } from 'vitest';
import { ownAddress } from './own-address.ts';

function describeAddress(address: string, internal = false): NetworkInterfaceInfo {
  const rest = { address, internal, netmask: '', mac: '', cidr: null };
  return address.includes(':') ? { ...rest, family: 'IPv6', scopeid: 0 } : { ...rest, family: 'IPv4' };
}
const loopback = [describeAddress('127.0.0.1', true), describeAddress('::1', true)];

test.each<[string, string[], string]>([
  ['the IPv4 address of a Pod with both families', ['2001:db8::7', '10.244.0.7'], '10.244.0.7'],
  ['the IPv6 address of a Pod that has no other', ['fe80::1', '2001:db8::7'], '2001:db8::7'],
  ['nothing where there is only what reaches nobody', ['fe80::1', '169.254.1.1'], ''],
  ['nothing without a network', [], ''],
])('is %s', (_case, addresses, expected) => {
  const own = addresses.map((address) => describeAddress(address));
  expect(ownAddress({ lo: loopback, eth0: own, gone: undefined })).toBe(expected);
});
