import type { LookupAddress } from 'node:dns';
import { lookup as resolve } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';

/**
 * Name resolution that continues after the end of an attempt. getaddrinfo(3) cannot be cancelled. If the
 * first name server is dead, it takes longer than an attempt. Then the next attempt waits for the same lookup
 * and does not start again. So at most one thread of libuv's pool waits for a name.
 */
export function createLookup(): LookupFunction {
  const open = new Map<string, Promise<LookupAddress[]>>();
  const ask = (hostname: string) => {
    const question = open.get(hostname) ?? resolve(hostname, { all: true });
    open.set(hostname, question);
    const forget = () => open.delete(hostname);
    question.then(forget, forget);
    return question;
  };
  return (hostname, options, done) => {
    ask(hostname).then(
      (addresses) => {
        const [first = { address: '', family: 0 }] = addresses;
        if (options.all) done(null, addresses);
        else done(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => done(error, ''),
    );
  };
}
