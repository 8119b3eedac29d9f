import { BlockList, isIP, isIPv4 } from 'node:net';
import { domainToASCII } from 'node:url';

/**
 * Whether a target needs no proxy, because NO_PROXY matches it or because it is this machine. The rules are
 * those of Go's golang.org/x/net/http/httpproxy. The agent and most other tools of CircleCI follow them:
 * names match themselves and their subdomains, `.name` and `*.name` the subdomains only, addresses and CIDR
 * ranges match addresses (never names that resolve to them), any entry may have a port, `*` matches
 * everything.
 */
export function bypassesProxy(target: URL, noProxy: string): boolean {
  const host = target.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = target.port || (target.protocol === 'https:' ? '443' : '80');
  const address = isIP(host) === 0 ? undefined : plainAddress(host);
  if (host === 'localhost' || (address !== undefined && isLoopback(address))) return true;
  return noProxy
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .some((entry) => entry !== '' && matches(entry, host, port, address));
}

function matches(entry: string, host: string, port: string, address: string | undefined): boolean {
  if (entry === '*') return true;
  const range = parseRange(entry);
  if (range) return address !== undefined && range.check(address, familyOf(address));
  const { name, wantedPort } = splitPort(entry);
  if (name === '' || (wantedPort !== '' && wantedPort !== port)) return false;
  if (isIP(name) !== 0) return address !== undefined && sameAddress(name, address);
  return address === undefined && matchesDomain(name.replace(/^\*\./, '.'), host);
}

function matchesDomain(name: string, host: string): boolean {
  if (name.startsWith('.')) return host.endsWith(toAscii(name));
  const ascii = toAscii(name);
  return host === ascii || host.endsWith(`.${ascii}`);
}

// domainToASCII returns '' for names that it cannot convert, such as one with a leading dot.
function toAscii(name: string): string {
  const dot = name.startsWith('.') ? '.' : '';
  const bare = name.slice(dot.length);
  return dot + (domainToASCII(bare) || bare);
}

// An IPv6 address with a port is in brackets. Several colons without brackets are an address without a port.
function splitPort(entry: string): { name: string; wantedPort: string } {
  const parts = /^\[([^[\]]*)\]:([^:]*)$/.exec(entry) ?? /^([^:[\]]*):([^:]*)$/.exec(entry);
  return { name: parts?.[1] ?? entry, wantedPort: parts?.[2] ?? '' };
}

function parseRange(entry: string): BlockList | undefined {
  const [network = '', bits = '', ...rest] = entry.split('/');
  const family = isIP(network);
  if (family === 0 || rest.length > 0 || !/^\d{1,3}$/.test(bits)) return undefined;
  if (Number(bits) > (family === 4 ? 32 : 128)) return undefined;
  const list = new BlockList();
  list.addSubnet(network, Number(bits), family === 4 ? 'ipv4' : 'ipv6');
  return list;
}

function sameAddress(one: string, other: string): boolean {
  const list = new BlockList();
  list.addAddress(one, familyOf(one));
  return list.check(other, familyOf(other));
}

function isLoopback(address: string): boolean {
  return isIPv4(address) ? address.startsWith('127.') : sameAddress('::1', address);
}

// ::ffff:10.0.0.1, which URL writes as ::ffff:a00:1, is the IPv4 address 10.0.0.1 to Go.
function plainAddress(host: string): string {
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(host);
  if (!mapped) return host;
  const value = Number.parseInt(mapped[1] ?? '', 16) * 0x10000 + Number.parseInt(mapped[2] ?? '', 16);
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff).join('.');
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv4(address) ? 'ipv4' : 'ipv6';
}
