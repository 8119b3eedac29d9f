import { closeSync } from 'node:fs';
import { cString, libc } from './c-library.ts';
import { systemCall } from './system-call.ts';

const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;
/** Room for a burst of connections until they are accepted; the kernel caps it at net.core.somaxconn. */
const backlog = 4096;

/** Where addresses lie in struct sockaddr_in, ip(7), and struct sockaddr_in6, ipv6(7): offset and size in bytes. */
const layouts = {
  [AF_INET]: { at: 4, size: 4, total: 16 },
  [AF_INET6]: { at: 8, size: 16, total: 28 },
} as const;
type Family = keyof typeof layouts;
/** Of struct sockaddr_in6: the interface that a link-local address belongs to. */
const scopeAt = 24;

export interface BoundSocket {
  readonly fd: number;
  /** As in URLs: `[::]:7623`, `0.0.0.0:7623`. */
  readonly address: string;
}

export interface ListeningSocket extends BoundSocket {
  readonly backlog: number;
}

/**
 * A TCP socket that the kernel takes connections for from now on; who accepts them may come later. Node's own way is
 * the same, but takes 4 ms to load.
 *
 * @param ip an IPv4 or IPv6 address; `::` takes IPv4 connections, too
 * @param port 0 lets the kernel choose
 * @throws SystemError
 */
export function openListeningSocket(ip: string, port: number): ListeningSocket {
  const socket = openBoundSocket(ip, port);
  try {
    systemCall('listen', socket.fd, backlog);
    return { ...socket, backlog };
  } catch (error) {
    closeSync(socket.fd);
    throw error;
  }
}

/**
 * A TCP socket that has its port and does not listen: connections are refused, and the kernel gives the port to nobody
 * who asks for any. Parameters and errors as of `openListeningSocket`.
 */
export function openBoundSocket(ip: string, port: number): BoundSocket {
  const family: Family = ip.includes(':') ? AF_INET6 : AF_INET;
  const fd = systemCall('socket', family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  try {
    // A port whose last owner's connections are still in TIME_WAIT is free: socket(7).
    setOption(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    if (family === AF_INET6) {
      setOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
    }
    const address = encodeAddress(family, ip, port);
    systemCall('bind', fd, address, address.length);
    return { fd, address: addressOf(fd, family) };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function setOption(fd: number, level: number, option: number, value: number): void {
  systemCall('setsockopt', fd, level, option, int(value), 4);
}

function encodeAddress(family: Family, ip: string, port: number): Buffer {
  const { at, size, total } = layouts[family];
  const address = Buffer.alloc(total);
  address.writeUInt16LE(family);
  address.writeUInt16BE(port, 2);
  const binary = Buffer.alloc(size);
  const [host = '', zone] = ip.split('%');
  if (libc.inet_pton(family, cString(host), binary) !== 1) {
    throw new TypeError(`${JSON.stringify(ip)} is not an IP address`);
  }
  binary.copy(address, at);
  if (zone !== undefined && family === AF_INET6) {
    const index = /^\d+$/.test(zone) ? Number(zone) : libc.if_nametoindex(cString(zone));
    address.writeUInt32LE(index, scopeAt);
  }
  return address;
}

function addressOf(fd: number, family: Family): string {
  const { at, size, total } = layouts[family];
  const address = Buffer.alloc(total);
  systemCall('getsockname', fd, address, int(total));
  const text = Buffer.alloc(64);
  libc.inet_ntop(family, address.subarray(at, at + size), text, text.length);
  const host = text.toString('latin1', 0, text.indexOf(0));
  return `${family === AF_INET6 ? `[${host}]` : host}:${address.readUInt16BE(2)}`;
}

function int(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}
