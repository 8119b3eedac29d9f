import { expect, test } from 'vitest';
import { chooseProxy, proxyAuthorization } from './proxy.ts';
import type { ProxySettings } from './proxy-settings.ts';

const http = 'http://runner.example.com';
const https = 'https://runner.example.com';

test.each<[string, ProxySettings, string | undefined]>([
  [http, {}, undefined],
  [http, { HTTP_PROXY: 'http://up:1' }, 'http://up:1/'],
  [http, { http_proxy: 'http://low:1' }, 'http://low:1/'],
  [http, { HTTP_PROXY: 'http://up:1', http_proxy: 'http://low:1' }, 'http://up:1/'],
  [http, { HTTP_PROXY: '', http_proxy: 'http://low:1' }, 'http://low:1/'],
  [http, { HTTPS_PROXY: 'http://up:1' }, undefined],
  [https, { HTTP_PROXY: 'http://up:1' }, undefined],
  [https, { HTTPS_PROXY: 'http://up:1' }, 'http://up:1/'],
  [https, { https_proxy: 'https://low' }, 'https://low/'],
  [https, { HTTPS_PROXY: 'proxy.example.com:3128' }, 'http://proxy.example.com:3128/'],
  [https, { HTTPS_PROXY: 'proxy' }, 'http://proxy/'],
  [https, { HTTPS_PROXY: '[::1]:3128' }, 'http://[::1]:3128/'],
  [https, { HTTPS_PROXY: 'user:pass@proxy:3128' }, 'http://user:pass@proxy:3128/'],
  [https, { HTTPS_PROXY: 'http://up:1', NO_PROXY: 'example.com' }, undefined],
  [https, { HTTPS_PROXY: 'http://up:1', no_proxy: 'example.com' }, undefined],
  [https, { HTTPS_PROXY: 'http://up:1', NO_PROXY: 'other', no_proxy: 'example.com' }, 'http://up:1/'],
])('%s with %j goes through %s', (target, settings, expected) => {
  expect(chooseProxy(new URL(target), settings).proxy?.href).toBe(expected);
});

test.each(['http://', 'http://a b', 'socks5://proxy:1080', 'ftp://proxy'])(
  'an unusable proxy %j is ignored, and its variable is named',
  (value) => {
    expect(chooseProxy(new URL(https), { https_proxy: value })).toEqual({ ignored: 'https_proxy' });
  },
);

test.each([
  ['http://proxy', undefined],
  ['http://user@proxy', 'user:'],
  ['http://user:pass@proxy', 'user:pass'],
  ['http://us%40er:p%3A%C3%A4ss@proxy', 'us@er:p:äss'],
  ['http://user:100%@proxy', 'user:100%'],
])('the credentials of %s are presented as %j', (proxy, credentials) => {
  const expected = credentials && `Basic ${Buffer.from(credentials).toString('base64')}`;
  expect(proxyAuthorization(new URL(proxy))['Proxy-Authorization']).toBe(expected);
});
