import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A library that is part of the node executable. */
export interface NodePart {
  readonly name: string;
  readonly version: string;
  /** An SPDX licence expression. */
  readonly license: string;
  /** A package URL, of https://github.com/package-url/purl-spec. */
  readonly purl: string;
  /** Vendor and product, as the National Vulnerability Database names them. */
  readonly cpe?: string;
}

interface KnownPart {
  readonly license: string;
  readonly npm?: true;
  readonly cpe?: string;
}

/** Every key of process.versions that names a library. The licences come from Node's LICENSE file if it has them. */
const knownParts: Readonly<Record<string, KnownPart>> = {
  acorn: { license: 'MIT', npm: true },
  ada: { license: 'MIT' },
  amaro: { license: 'MIT', npm: true },
  ares: { license: 'MIT', cpe: 'c-ares:c-ares' },
  brotli: { license: 'MIT', cpe: 'google:brotli' },
  cldr: { license: 'Unicode-3.0' },
  icu: { license: 'Unicode-3.0', cpe: 'unicode:international_components_for_unicode' },
  libffi: { license: 'MIT', cpe: 'libffi_project:libffi' },
  lief: { license: 'Apache-2.0' },
  llhttp: { license: 'MIT', cpe: 'llhttp:llhttp' },
  merve: { license: 'MIT' },
  nbytes: { license: 'MIT' },
  ncrypto: { license: 'MIT' },
  nghttp2: { license: 'MIT', cpe: 'nghttp2:nghttp2' },
  nghttp3: { license: 'MIT' },
  ngtcp2: { license: 'MIT', cpe: 'ngtcp2:ngtcp2' },
  openssl: { license: 'Apache-2.0', cpe: 'openssl:openssl' },
  simdjson: { license: 'Apache-2.0' },
  simdutf: { license: 'MIT' },
  sqlite: { license: 'blessing', cpe: 'sqlite:sqlite' },
  tz: { license: 'LicenseRef-public-domain' },
  undici: { license: 'MIT', npm: true, cpe: 'nodejs:undici' },
  unicode: { license: 'Unicode-3.0' },
  uv: { license: 'MIT', cpe: 'libuv:libuv' },
  uvwasi: { license: 'MIT' },
  v8: { license: 'BSD-3-Clause', cpe: 'google:v8' },
  zlib: { license: 'Zlib', cpe: 'zlib:zlib' },
  zstd: { license: 'BSD-3-Clause', cpe: 'facebook:zstandard' },
};

/** Keys of process.versions that are not libraries: Node itself, and the numbers of two of its interfaces. */
const otherVersions = new Set(['node', 'modules', 'napi']);

/**
 * The libraries in a node executable, as it lists them itself.
 *
 * @param node the path of an executable that runs on this machine
 * @throws Error if it cannot run, or has a library that has not been checked yet
 */
export async function nodeParts(node: string): Promise<NodePart[]> {
  const { stdout } = await run(node, ['--print', 'JSON.stringify(process.versions)'], { env: {} });
  return describeParts(JSON.parse(stdout) as Record<string, string>);
}

/** @throws Error that names a library without an entry in the table above */
export function describeParts(versions: Readonly<Record<string, string>>): NodePart[] {
  return Object.entries(versions)
    .filter(([name, version]) => !otherVersions.has(name) && version !== '') // Empty: compiled without it.
    .map(([name, version]) => describePart(name, version));
}

function describePart(name: string, version: string): NodePart {
  const known = knownParts[name];
  if (!known)
    throw new Error(
      `Node bundles ${name} ${version}: look up its licence, and add it to internal/dev/release/node-parts.ts`,
    );
  const purl = `pkg:${known.npm ? 'npm' : 'generic'}/${name}@${encodeURIComponent(version)}`;
  return { name, version, license: known.license, purl, ...(known.cpe && { cpe: known.cpe }) };
}
