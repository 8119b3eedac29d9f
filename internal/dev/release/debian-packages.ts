import { execFile } from 'node:child_process';
import { realpath } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Architecture } from '../../packer/architecture.ts';
import { compilerFor } from '../../packer/compile.ts';
import { readLibraries, readLoader } from '../../packer/libraries.ts';

const run = promisify(execFile);

export interface DebianPackage {
  readonly name: string;
  readonly version: string;
  /**
   * Its source packages, `name=version`: its own, or, for a package for cross-compiling, those that it was
   * built from.
   */
  readonly sources: readonly string[];
}

/** A library of the executable and the package of the build host that it was taken from. */
export interface PackedLibrary {
  /** Its soname. */
  readonly name: string;
  /** As they are in the executable. */
  readonly bytes: Buffer;
  readonly package: DebianPackage;
}

/**
 * The C and C++ libraries that are packed for an architecture, as internal/launcher lists them.
 *
 * @throws Error if a file does not belong to a Debian package
 */
export async function packedLibraries(architecture: Architecture): Promise<PackedLibrary[]> {
  const files = [await readLoader(architecture), ...(await readLibraries(architecture))];
  return Promise.all(
    files.map(async (file) => ({ ...file, package: await packageOf(architecture, file.name) })),
  );
}

async function packageOf(architecture: Architecture, library: string): Promise<DebianPackage> {
  const { stdout } = await run(compilerFor(architecture), [`-print-file-name=${library}`]);
  const path = await realpath(stdout.trim());
  const owner = await ownerOf(path);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the fields are for dpkg-query(1) to fill in
  const format = '${Package}\n${Version}\n${source:Package}=${source:Version}\n${Built-Using}';
  const { stdout: fields } = await run('dpkg-query', ['--show', `--showformat=${format}`, owner]);
  return parsePackage(fields);
}

/** Debian's files lie below /usr, but older packages still list theirs without it: see usrmerge(8). */
async function ownerOf(path: string): Promise<string> {
  for (const candidate of [path, path.replace(/^\/usr(?=\/lib)/, '')]) {
    const result = await run('dpkg-query', ['--search', candidate]).catch(() => undefined);
    const owner = result && /^(\S+): /.exec(result.stdout)?.[1];
    if (owner) return owner;
  }
  throw new Error(`${path} belongs to no Debian package (dpkg-query --search), so nobody knows its version`);
}

/** @param fields the lines name, version, own source, and Built-Using of deb-control(5) */
export function parsePackage(fields: string): DebianPackage {
  const [name = '', version = '', ownSource = '', builtUsing = ''] = fields.split('\n');
  const used = [...builtUsing.matchAll(/\b(glibc|gcc-\d+) \(= ([^)]+)\)/g)];
  const library = name.startsWith('libc6') ? 'glibc' : 'gcc-';
  const origins = used
    .filter((match) => match[1]?.startsWith(library))
    .map((match) => `${match[1]}=${match[2]}`);
  return { name, version, sources: origins.length > 0 ? origins : [ownSource] };
}
