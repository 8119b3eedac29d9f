import { isIPv4 } from 'node:net';
import { TunnelRefused } from '../../internal/http/tunnel.ts';
import type { Call, MalformedAnswer } from './calls/call.ts';
import { AttemptTimedOut } from './send-once.ts';

/** The end of an attempt, in words. */
export interface Explanation {
  readonly what: string;
  /** What an operator should look at. */
  readonly lookAt: string;
}

const look = {
  network: "look at the Pod's network, DNS and HTTP_PROXY, HTTPS_PROXY and NO_PROXY",
  trust: "look at the server's certificate, SSL_CERT_FILE, SSL_CERT_DIR and the image's CA certificates",
  validity:
    "look at the clock of this node (the log has its times), and at the dates of the server's certificate and its authorities",
  proxy:
    "put the proxy's user and password into the proxy variable, percent-encoded: http://user:password@host:port",
  server: 'look at what answers at that address: the runner API, a proxy or something else',
  policy:
    "look at the node's security modules (SELinux, AppArmor), seccomp profile and firewall, and with IPv6 at firewalls on the way",
  scheme: 'check whether its URL must begin with http://, and what answers at that address',
} as const;

const notAccepted = 'the certificate was not accepted';
const cutOff = ['the connection was closed before the answer was complete', 'server'] as const;

const known: Readonly<Record<string, readonly [what: string, lookAt: keyof typeof look]>> = {
  ECONNREFUSED: ['the connection was refused', 'network'],
  ECONNRESET: cutOff,
  EPIPE: cutOff,
  UND_ERR_SOCKET: cutOff,
  UND_ERR_HEADERS_OVERFLOW: ['the headers of the answer are too large', 'server'],
  ENOTFOUND: ['the host name does not exist', 'network'],
  EAI_AGAIN: ['DNS gave no answer for the host name', 'network'],
  ENETUNREACH: ['the network is unreachable', 'network'],
  EACCES: ['connecting is forbidden', 'policy'],
  EPERM: ['connecting is forbidden', 'policy'],
  EHOSTUNREACH: ['the host is unreachable', 'network'],
  ETIMEDOUT: ['connecting timed out', 'network'],
  CERT_HAS_EXPIRED: [notAccepted, 'validity'],
  CERT_NOT_YET_VALID: [notAccepted, 'validity'],
  EPROTO: ['TLS failed', 'server'],
  ERR_SSL_WRONG_VERSION_NUMBER: ['the server does not speak TLS', 'scheme'],
  ERR_SSL_PACKET_LENGTH_TOO_LONG: ['the server does not speak TLS', 'scheme'],
};

/** Node's text names an option of its own, which a user of this program cannot set. */
const adviceOfNode = /; if the root CA is installed locally, .*/;

/**
 * Explains the error of an attempt without an answer. The result may contain text of a server: clean it
 * before use.
 *
 * @param trust which certificates are trusted, in words
 */
export function explainError(error: unknown, trust = ''): Explanation {
  if (error instanceof AttemptTimedOut)
    return { what: error.message, lookAt: error.connected ? look.server : look.network };
  if (error instanceof TunnelRefused) {
    const lookAt = error.proxyStatus === 407 ? look.proxy : "look at the proxy's logs";
    return { what: error.message, lookAt };
  }
  const { code, message } = codeAndMessage(error);
  const [what, lookAt] = known[code] ?? guess(code, message);
  const detail = [code, message.replace(adviceOfNode, '')].filter((part) => part !== '').join(': ');
  const isAboutTrust = lookAt === 'trust' || lookAt === 'validity';
  const trusted = isAboutTrust && trust !== '' ? `; ${trust}` : '';
  return { what: `${what} (${detail})`, lookAt: `${look[lookAt]}${trusted}` };
}

/** Explains a status that is not a success, of a call that this bearer of a token made. */
export function explainStatus(status: number, bearer: Call<never>['bearer']): Explanation {
  const what = `HTTP status ${status}`;
  if (status >= 500) return { what, lookAt: 'look at the status of the runner API and of proxies before it' };
  if (status === 401 || status === 403 || status === 404) {
    const unknown = `the ${bearer} or its token is unknown there, or no longer valid`;
    const path = status === 404 ? '; or the path of the base URL is wrong' : '';
    return { what, lookAt: `${unknown}${path}` };
  }
  if (status === 407) return { what, lookAt: look.proxy };
  if (status >= 300 && status <= 399)
    return {
      what: `${what}, a redirect, which is not followed`,
      lookAt: 'look at the base URL of the runner API',
    };
  return { what, lookAt: look.server };
}

/** Explains a success whose body cannot be used. */
export function explainMalformed(status: number, { message }: MalformedAnswer): Explanation {
  return {
    what: `HTTP status ${status}, but the body of the answer cannot be used: ${message}`,
    lookAt: look.server,
  };
}

// OpenSSL has dozens of codes for certificates (X509_V_ERR_…, without that prefix in Node) and as many for TLS.
function guess(code: string, message: string): readonly [what: string, lookAt: keyof typeof look] {
  if (code === 'HTTPParserError' && message.includes('EOF')) return cutOff;
  if (code.startsWith('ERR_SSL')) return ['TLS failed', 'server'];
  if (isCertificateCode(code)) return [notAccepted, 'trust'];
  if (code === 'HTTPParserError' || code.startsWith('HPE_')) return ['the answer is not HTTP', 'server'];
  return ['the attempt failed', 'network'];
}

/** Node calls UNSPECIFIED what it has no name for, such as keys and signatures that are too weak. */
function isCertificateCode(code: string): boolean {
  return /CERT|SIGNATURE|ISSUER|CRL|_CA$|PURPOSE|PATH_LENGTH|^UNSPECIFIED$/.test(code);
}

/** Whether the server was reached, and its certificate was not accepted. */
export function isCertificateError(error: unknown): boolean {
  const { code } = codeAndMessage(error);
  return !code.startsWith('ERR_SSL') && isCertificateCode(code);
}

/**
 * Whether a policy of the node, such as of a security module or a seccomp profile, forbids the connection (connect(2),
 * EACCES). What a firewall forbids is different, because its rules may change soon: EPERM comes from one of the node.
 * For an IPv6 address, EACCES may come from any on the way, by ICMPv6 (RFC 4443, 3.1).
 */
export function isForbidden(error: unknown): boolean {
  const errors: readonly unknown[] = error instanceof AggregateError ? error.errors : [error];
  return errors.every((each) => codeAndMessage(each).code === 'EACCES' && isOfIPv4(each));
}

// Node names the address in the error of a connection.
function isOfIPv4(error: unknown): boolean {
  const { address } = error as { readonly address?: unknown };
  return typeof address === 'string' && isIPv4(address);
}

// If a name has several addresses, Node tries all of them. Its AggregateError itself says little. OpenSSL's reason is
// in the middle of its message.
function codeAndMessage(error: unknown): { code: string; message: string } {
  if (!(error instanceof Error)) return { code: '', message: String(error) };
  const name = error.name === 'Error' ? '' : error.name;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : name;
  const causes: unknown[] = error instanceof AggregateError ? error.errors : [];
  const own = 'reason' in error && typeof error.reason === 'string' ? error.reason : error.message;
  const messages = causes.length > 0 ? causes.map((cause) => codeAndMessage(cause).message) : [own];
  return { code, message: messages.join(', ') };
}
