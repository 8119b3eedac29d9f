import { expect, it } from 'vitest';
import { Failure } from '../failure.ts';
import { parseListenAddress } from './listen-address.ts';

it.each<[string, string | undefined, number]>([
  [':7623', undefined, 7623],
  [':0', undefined, 0],
  [':65535', undefined, 65_535],
  ['[::]:7623', undefined, 7623],
  ['0.0.0.0:7623', '0.0.0.0', 7623],
  ['127.0.0.1:7623', '127.0.0.1', 7623],
  ['[::1]:7623', '::1', 7623],
  ['[fe80::1%eth0]:7623', 'fe80::1%eth0', 7623],
  ['localhost:7623', '127.0.0.1', 7623],
  ['my-pod.my-namespace:7623', 'my-pod.my-namespace', 7623],
])('reads %s', (text, host, port) => {
  expect(parseListenAddress(text)).toEqual({ host, port });
});

it.each([
  ['', 'no port'],
  ['7623', 'no port'],
  ['host', 'no port'],
  [':', 'from 0 to 65535'],
  ['127.0.0.1:', 'from 0 to 65535'],
  [':65536', 'from 0 to 65535'],
  [':99999', 'from 0 to 65535'],
  [':007623', 'from 0 to 65535'],
  [':-1', 'from 0 to 65535'],
  [':1e3', 'from 0 to 65535'],
  [': 80', 'from 0 to 65535'],
  [':abc', 'from 0 to 65535'],
  [':http', 'from 0 to 65535'],
  [':7623\n', 'from 0 to 65535'],
  ['::1:7623', 'in brackets'],
  [':::7623', 'in brackets'],
  ['[::1]', 'in brackets'],
  ['http://localhost:7623', 'a URL, not an address'],
  ['[]:7623', 'no IPv6 address'],
  ['[127.0.0.1]:7623', 'no IPv6 address'],
  ['[localhost]:7623', 'no IPv6 address'],
  ['256.0.0.1:7623', 'neither an IP address nor a host name'],
  ['1.2.3:7623', 'neither an IP address nor a host name'],
  ['-host:7623', 'neither an IP address nor a host name'],
  ['a..b:7623', 'neither an IP address nor a host name'],
  ['my host:7623', 'neither an IP address nor a host name'],
  ['a\nb:7623', 'neither an IP address nor a host name'],
])('refuses %j in one line that says why', (text, reason) => {
  expect(() => parseListenAddress(text)).toThrow(
    expect.objectContaining({
      code: 'usage',
      message: expect.stringMatching(/^health check address ".*" is not valid: .+$/),
    }),
  );
  expect(() => parseListenAddress(text)).toThrow(Failure);
  expect(() => parseListenAddress(text)).toThrow(reason);
});
