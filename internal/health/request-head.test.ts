import { expect, it } from 'vitest';
import { parseRequestHead } from './request-head.ts';

it.each<[string, string, string]>([
  ['GET /live HTTP/1.1\r\nHost: a\r\n\r\n', 'GET', '/live'],
  ['GET /live HTTP/1.0\r\n\r\n', 'GET', '/live'],
  ['HEAD /ready?a=b HTTP/1.1\nHost: a\n\n', 'HEAD', '/ready?a=b'],
  ['\r\n\nGET / HTTP/1.1\r\n\r\n', 'GET', '/'],
  ['GET http://pod:7623/live HTTP/1.1\r\nHost: a\r\n\r\n', 'GET', '/live'],
  ['OPTIONS * HTTP/1.1\r\n\r\n', 'OPTIONS', '*'],
  ['POST /live HTTP/1.1\r\nContent-Length: 1\r\n\r\nx', 'POST', '/live'],
])('reads %j', (text, method, target) => {
  expect(parseRequestHead(text)).toEqual({ kind: 'request', method, target });
});

it('waits for the end of the header', () => {
  const whole = 'GET /live HTTP/1.1\r\nHost: a\r\n\r\n';
  for (let length = 0; length < whole.length; length++) {
    expect(parseRequestHead(whole.slice(0, length))).toEqual({ kind: 'incomplete' });
  }
});

it.each([
  'GET /live\r\n',
  'GET /live HTTP/2.0\r\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'g{t /live HTTP/1.1\r\n',
  'GET /a b HTTP/1.1\r\n',
  ' GET /live HTTP/1.1\r\n',
  'SSH-2.0-client\r\n',
  '\u0016\u0003\u0001\n',
])('refuses %j without waiting for more', (text) => {
  expect(parseRequestHead(text)).toEqual({ kind: 'malformed' });
});
