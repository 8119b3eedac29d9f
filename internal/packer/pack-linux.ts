import { rmSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, open, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { onExit } from 'signal-exit';
import { checksum } from '../launcher/checksum.ts';
import { trailerSize } from '../launcher/trailer-layout.ts';
import { readProgramHeaders } from '../program-headers.ts';
import type { Architecture } from './architecture.ts';
import type { Bundle } from './bundle.ts';
import { compileGuard, compileLauncher, type LauncherTraits } from './compile.ts';
import { hidePath } from './hidden-path.ts';
import { readLibraries, readLoader } from './libraries.ts';
import type { Library } from './library.ts';
import type { Program } from './program.ts';
import { buildSingleExecutable } from './single-executable.ts';
import { formatTrailer, type PackedPart, type PartKind } from './write-trailer.ts';

/** The largest page of any arm64 kernel. A part can only be mapped from the file if it starts on a page. */
const alignment = 65_536;

/**
 * Node's own resolver (c-ares) reads these at each start, although only the C library resolves names here. A FIFO of the
 * image at such a place would stop the start.
 */
const resolverFiles = ['/etc/resolv.conf', '/etc/nsswitch.conf', '/etc/netsvc.conf', '/etc/svc.conf'];

/** A part without its place in the file. */
export type Content = Library & {
  readonly kind: PartKind;
  /** For Node: the offset of the added scripts, in bytes. */
  readonly scriptsAt?: number;
};

/**
 * Makes the Linux executable: the launcher, Node with the program, and the libraries that Node is linked
 * against, in one file.
 *
 * @throws Error with the messages of the tool that failed
 */
export async function packForLinux(
  program: Program,
  architecture: Architecture,
  bundle: Bundle,
  output: string,
): Promise<void> {
  await mkdir(dirname(output), { recursive: true });
  const folder = await mkdtemp(join(dirname(output), 'build-'));
  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  // An interrupted build would leave large files behind.
  const forget = onExit(removeFolder);
  try {
    const node = await readFile(await buildSingleExecutable(program, architecture, bundle, folder));
    for (const path of resolverFiles) hidePath({ name: 'node', bytes: node }, path);
    const unfinished = join(folder, 'packed');
    await writePackedFile(unfinished, await readContents(program, architecture, node, findScripts(node)));
    // Images and archives keep this mode, so it must not depend on the umask.
    await chmod(unfinished, 0o755);
    await rename(unfinished, output);
  } finally {
    forget();
    removeFolder();
  }
}

/** All parts of the executable for an architecture, in order, with the given Node. */
export async function readContents(
  launcherTraits: LauncherTraits,
  architecture: Architecture,
  node: Buffer,
  scriptsAt: number,
): Promise<Content[]> {
  const launcher = await readFile(await compileLauncher(launcherTraits, architecture));
  const guard = await readFile(await compileGuard(launcherTraits, architecture));
  const libraries = await readLibraries(architecture);
  return [
    { kind: 'launcher', name: 'launcher', bytes: launcher },
    { kind: 'node', name: 'node', bytes: node, scriptsAt },
    { kind: 'loader', ...(await readLoader(architecture)) },
    // It comes before the C library, so Node gets its functions.
    { kind: 'library', name: 'guard.so', bytes: guard },
    ...libraries.map((library): Content => ({ kind: 'library', ...library })),
  ];
}

/** Writes the parts one after the other, and their table at the end. */
export async function writePackedFile(path: string, contents: readonly Content[]): Promise<void> {
  const parts: PackedPart[] = [];
  let end = 0;
  await using file = await open(path, 'w', 0o755);
  for (const content of contents) {
    const offset = Math.ceil(end / alignment) * alignment;
    await file.appendFile(Buffer.alloc(offset - end));
    await file.appendFile(content.bytes);
    parts.push(describe(content, offset));
    if (content.scriptsAt !== undefined) {
      // A part can only be mapped and checked from the start of a page.
      const page = content.scriptsAt - (content.scriptsAt % alignment);
      const bytes = content.bytes.subarray(page);
      parts.push(describe({ kind: 'scripts', name: 'scripts', bytes }, offset + page));
    }
    end = offset + content.bytes.length;
  }
  await file.appendFile(formatTrailer(parts, end + trailerSize));
}

function describe({ kind, name, bytes }: Content, offset: number): PackedPart {
  const part = { kind, name, offset, size: bytes.length, crc32: crc32(bytes) };
  return kind === 'launcher' || kind === 'node' ? part : { ...part, checksum: checksum(bytes) };
}

/** The offset of the segment that the build of a single executable adds. It is the last loaded one. */
function findScripts(node: Buffer): number {
  return readProgramHeaders(node).loaded.at(-1)?.offset ?? 0;
}
