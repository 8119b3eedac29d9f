import { Failure, sharedKinds } from '../failure.ts';

export interface ListenAddress {
  /** An IP address or a host name. Undefined: every address of this machine, IPv6 and IPv4. */
  readonly host: string | undefined;
  /** With 0 the kernel chooses. */
  readonly port: number;
}

const maxPort = 65_535;
const hostName = /^(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*$/i;

/**
 * Reads an address in the form of Go's net.Listen: `host:port` or `:port`, IPv6 in square brackets. Ports are
 * numbers. `localhost` is 127.0.0.1 without a resolver, because an image may not have one.
 *
 * @throws Failure 'usage' that says what is wrong
 */
export function parseListenAddress(text: string): ListenAddress {
  if (text.includes('://'))
    throw invalid(text, 'it is a URL, not an address; write it as :7623 or 127.0.0.1:7623');
  const colon = text.lastIndexOf(':');
  if (colon < 0) throw invalid(text, 'it has no port; write it as :7623 or 127.0.0.1:7623');
  return { host: parseHost(text, text.slice(0, colon)), port: parsePort(text, text.slice(colon + 1)) };
}

/** Checks an address like {@link parseListenAddress}. @returns the text as it is */
export function checkListenAddress(text: string): string {
  parseListenAddress(text);
  return text;
}

function parsePort(text: string, digits: string): number {
  const port = /^[0-9]{1,5}$/.test(digits) ? Number(digits) : Number.NaN;
  if (port <= maxPort) return port;
  throw invalid(text, `its port must be a number from 0 to ${maxPort}`);
}

function parseHost(text: string, host: string): string | undefined {
  const bracketed = /^\[(.*)\]$/.exec(host)?.[1];
  if (bracketed !== undefined) {
    if (bracketed === '::') return undefined;
    if (ipVersion(bracketed) !== 6) throw invalid(text, 'there is no IPv6 address in its brackets');
    return bracketed;
  }
  if (host === '') return undefined;
  if (host.includes(':')) throw invalid(text, 'an IPv6 address must be in brackets, as in [::1]:7623');
  if (host === 'localhost') return '127.0.0.1';
  const looksNumeric = /^[0-9.]+$/.test(host);
  if (ipVersion(host) === 0 && (looksNumeric || !hostName.test(host)))
    throw invalid(text, 'its host is neither an IP address nor a host name');
  return host;
}

/**
 * Loads node:net only if the address has a host, because loading takes time
 * (docs/decisions/start-up-time.md).
 */
function ipVersion(host: string): number {
  return process.getBuiltinModule('node:net').isIP(host);
}

function invalid(text: string, reason: string): Failure {
  return new Failure(
    sharedKinds.usage,
    `health check address ${JSON.stringify(text)} is not valid: ${reason}`,
  );
}
