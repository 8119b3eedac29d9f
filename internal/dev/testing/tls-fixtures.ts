import { execFile } from 'node:child_process';
import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
/** OpenSSL's default level of security wants 2048 bits. */
const newWeakKey = ['-newkey', 'rsa:1024', '-nodes'];

export interface KeyAndCertificate {
  readonly key: string;
  readonly cert: string;
}

export interface TestAuthority {
  /** The authority's own certificate in PEM. */
  readonly certificate: string;
  /** A server certificate for localhost, runner.test, 127.0.0.1 and 2001:db8::1. */
  issue(options?: { names?: string; expired?: boolean; weak?: boolean }): Promise<KeyAndCertificate>;
}

const everyName = 'DNS:localhost,DNS:runner.test,IP:127.0.0.1,IP:2001:db8::1';

/**
 * Makes a certificate authority with the openssl command. Its keys are in a temporary directory for a moment.
 */
export async function createAuthority(name = 'Test authority'): Promise<TestAuthority> {
  const authority = await inDirectory(async (at) => {
    const files = ['-keyout', at('key'), '-out', at('cert')];
    await run('openssl', ['req', '-x509', ...newKey, '-subj', `/CN=${name}`, '-days', '2', ...files]);
    return readPair(at);
  });
  const issue = ({ names = everyName, expired = false, weak = false } = {}) =>
    inDirectory(async (at) => {
      await writeFile(at('ca-key'), authority.key);
      await writeFile(at('ca-cert'), authority.cert);
      await writeFile(at('extensions'), `subjectAltName=${names}\n`);
      await run('openssl', [
        'req',
        ...(weak ? newWeakKey : newKey),
        '-subj',
        '/CN=server',
        '-keyout',
        at('key'),
        '-out',
        at('csr'),
      ]);
      const signer = ['-CA', at('ca-cert'), '-CAkey', at('ca-key'), '-set_serial', `${Date.now()}`];
      const sign = (...validity: string[]) =>
        run('openssl', [
          ...['x509', '-req', '-in', at('csr'), ...signer, ...validity],
          ...['-extfile', at('extensions'), '-out', at('cert')],
        ]);
      // OpenSSL 3.4 has options for dates and may refuse negative days. Older versions only know days.
      if (!expired) await sign('-days', '2');
      else
        await sign('-days', '-1').catch(() =>
          sign('-not_before', '240101000000Z', '-not_after', '240102000000Z'),
        );
      return readPair(at);
    });
  return { certificate: authority.cert, issue };
}

async function readPair(at: (name: string) => string): Promise<KeyAndCertificate> {
  return { key: await readFile(at('key'), 'utf8'), cert: await readFile(at('cert'), 'utf8') };
}

async function inDirectory<T>(work: (at: (name: string) => string) => Promise<T>): Promise<T> {
  await using directory = await mkdtempDisposable(join(tmpdir(), 'tls-fixtures-'));
  return await work((name) => join(directory.path, name));
}
