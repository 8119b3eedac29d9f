import { closeSync } from 'node:fs';
import {
  AF_INET,
  AF_INET6,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPV6_V6ONLY,
  SO_REUSEADDR,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
  structures,
  TCP_DEFER_ACCEPT,
} from './abi.ts';
import { cString, libc } from './c-library.ts';
import { systemCall, trySystemCall } from './system-call.ts';

/** Room for a burst of connections until they are accepted. The kernel limits it to net.core.somaxconn. */
const backlog = 4096;

const ipv4 = structures['struct sockaddr_in'];
const ipv6 = structures['struct sockaddr_in6'];
/** A silent connection is accepted after this time. */
const silenceSeconds = 10;

/** The places of addresses in the structures of ip(7) and ipv6(7): offset and size in bytes. */
const layouts = {
  [AF_INET]: { at: ipv4.members.sin_addr, size: 4, total: ipv4.size },
  [AF_INET6]: { at: ipv6.members.sin6_addr, size: 16, total: ipv6.size },
} as const;
type Family = keyof typeof layouts;
/** Both structures have them at the same offset. */
const { sin_family: familyAt, sin_port: portAt } = ipv4.members;

export interface BoundSocket {
  readonly fd: number;
  /** As in URLs: `[::]:7623`, `0.0.0.0:7623`. */
  readonly address: string;
}

export interface ListeningSocket extends BoundSocket {
  readonly backlog: number;
}

/**
 * A TCP socket. The kernel accepts connections for it at once, and the program may accept them later. Node does the
 * same, but its module would have to be loaded first.
 *
 * A connection can be accepted when its first bytes have arrived. So clients that connect and send nothing only take up
 * room in the kernel. That room is full only when thousands of them wait: TCP_DEFER_ACCEPT, tcp(7).
 *
 * @param ip an IPv4 or IPv6 address. `::` also takes IPv4 connections
 * @param port with 0 the kernel chooses
 * @throws SystemError
 */
export function openListeningSocket(ip: string, port: number): ListeningSocket {
  const socket = openBoundSocket(ip, port);
  try {
    // If the kernel refuses this, silent connections are accepted like others.
    trySystemCall('setsockopt', socket.fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, int(silenceSeconds), 4);
    systemCall('listen', socket.fd, backlog);
    return { ...socket, backlog };
  } catch (error) {
    closeSync(socket.fd);
    throw error;
  }
}

/**
 * A TCP socket that holds its port and does not listen. Connections are refused, and the kernel does not give
 * the port to others. Parameters and errors as of `openListeningSocket`.
 */
export function openBoundSocket(ip: string, port: number): BoundSocket {
  const family: Family = ip.includes(':') ? AF_INET6 : AF_INET;
  const fd = systemCall('socket', family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  try {
    // A port is also free while connections of its last owner are in TIME_WAIT: socket(7).
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
  address.writeUInt16LE(family, familyAt);
  address.writeUInt16BE(port, portAt);
  const binary = Buffer.alloc(size);
  const [host = '', zone] = ip.split('%');
  if (libc.inet_pton(family, cString(host), binary) !== 1)
    throw new TypeError(`${JSON.stringify(ip)} is not an IP address`);
  binary.copy(address, at);
  if (zone !== undefined && family === AF_INET6) {
    const index = /^\d+$/.test(zone) ? Number(zone) : libc.if_nametoindex(cString(zone));
    // The interface of a link-local address.
    address.writeUInt32LE(index, ipv6.members.sin6_scope_id);
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
  return `${family === AF_INET6 ? `[${host}]` : host}:${address.readUInt16BE(portAt)}`;
}

function int(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}
