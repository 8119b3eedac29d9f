import type { LookupAddress } from 'node:dns';
import { lookup as resolve } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';

/**
 * Name resolution whose questions outlive an attempt. getaddrinfo(3) cannot be cancelled and takes longer than an
 * attempt may when the first name server is dead: the next attempt then joins the question that is still open
 * instead of starting over, and no more than one thread of libuv's pool ever waits for a name.
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
