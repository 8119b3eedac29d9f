import type { Dirent } from 'node:fs';
import { readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure, sharedKinds } from '../failure.ts';
import { readBounded } from './read-bounded.linux.ts';
import type { CertificatePlaces, ReadSystemStore } from './system-store.ts';

/** Go's lists: Debian, Fedora and RHEL 6, openSUSE, OpenELEC, RHEL 7 and later, Alpine; SLES, Fedora. */
const usualPlaces: CertificatePlaces = {
  files: [
    '/etc/ssl/certs/ca-certificates.crt',
    '/etc/pki/tls/certs/ca-bundle.crt',
    '/etc/ssl/ca-bundle.pem',
    '/etc/pki/tls/cacert.pem',
    '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
    '/etc/ssl/cert.pem',
  ],
  directories: ['/etc/ssl/certs', '/etc/pki/tls/certs'],
};

interface Reader {
  readonly seen: Set<string>;
  readonly scratch: Buffer;
  readonly add: (text: string) => void;
}

/**
 * SSL_CERT_FILE replaces the usual files, SSL_CERT_DIR (a list, separated by colons) the usual directories.
 * Missing or unreadable usual places are skipped. As in Go, a missing place of a variable is skipped too:
 * images name bundles that a later step of the job installs.
 */
export const readSystemStore: ReadSystemStore = async (environment, add, places = usualPlaces) => {
  const reader: Reader = { seen: new Set(), scratch: Buffer.alloc(65_536), add };
  const file = environment.get('SSL_CERT_FILE');
  const directories = environment.get('SSL_CERT_DIR');
  if (file) await readFile(file, reader).catch((cause) => failUnlessMissing('SSL_CERT_FILE', file, cause));
  else await readFirst(places.files, reader);
  if (directories) await readListed(directories.split(':').filter(Boolean), reader);
  else for (const directory of places.directories) await readDirectory(directory, reader).catch(() => {});
};

async function readFile(path: string, { seen, scratch, add }: Reader): Promise<void> {
  const text = await readBounded(path, seen, scratch);
  if (text !== undefined) add(text);
}

async function readFirst(paths: readonly string[], reader: Reader): Promise<void> {
  for (const path of paths) {
    try {
      return await readFile(path, reader);
    } catch {
      // This is the place of another distribution.
    }
  }
}

async function readListed(paths: readonly string[], reader: Reader): Promise<void> {
  for (const path of paths) {
    await readDirectory(path, reader).catch((cause) => failUnlessMissing('SSL_CERT_DIR', path, cause));
  }
}

async function readDirectory(path: string, reader: Reader): Promise<void> {
  for (const entry of await readdir(path, { withFileTypes: true })) {
    if (entry.isDirectory() || (await isLinkToNeighbour(entry, path))) continue;
    // A private file, or an entry that is not a file, must not affect the others.
    await readFile(join(path, entry.name), reader).catch(() => {});
  }
}

// c_rehash(1) gives every certificate a second name by its hash. OpenSSL finds it by that name.
async function isLinkToNeighbour(entry: Dirent, directory: string): Promise<boolean> {
  if (!entry.isSymbolicLink()) return false;
  return readlink(join(directory, entry.name)).then(
    (target) => !target.includes('/'),
    () => true,
  );
}

function failUnlessMissing(variable: string, path: string, cause: unknown): void {
  if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return;
  const reason = cause instanceof Error ? cause.message : String(cause);
  const advice = 'check the variable in the image and the Pod, and what is mounted there';
  throw new Failure(
    sharedKinds['trust-store'],
    `cannot read the CA certificates that ${variable} names, ${path}: ${reason}; ${advice}`,
    {
      cause,
    },
  );
}
