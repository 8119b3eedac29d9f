/** A file, folder or symbolic link of a tar archive. All belong to root, and are as old as Unix. */
export interface TarEntry {
  /** Without a slash at the beginning. */
  readonly path: string;
  readonly type: 'file' | 'folder' | 'link';
  /** The permissions. Links have none. */
  readonly mode?: number;
  /** The target of a link. */
  readonly target?: string;
  /** The size of a file in bytes. */
  readonly size?: number;
  /** The content of a file: `size` bytes. */
  content?(): AsyncIterable<Buffer> | Iterable<Buffer>;
}

const blockSize = 512;
const typeFlags = { file: '0', link: '2', folder: '5' } as const;

/** A tar archive in pieces; POSIX.1-1988, "ustar". @throws Error for a path that is too long for it */
export async function* writeTar(entries: Iterable<TarEntry>): AsyncGenerator<Buffer> {
  for (const entry of entries) {
    yield headerOf(entry);
    if (entry.content === undefined) continue;
    yield* entry.content();
    yield Buffer.alloc(-(entry.size ?? 0) & (blockSize - 1));
  }
  yield Buffer.alloc(2 * blockSize);
}

function headerOf({ path, type, mode = 0o777, target = '', size = 0 }: TarEntry): Buffer {
  const header = Buffer.alloc(blockSize);
  const { prefix, name } = splitPath(path);
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`;
  const owner = octal(0, 7);
  header.write(name, 0);
  header.write(octal(mode, 7) + owner + owner + octal(size, 11) + octal(0, 11), 100);
  header.fill(' ', 148, 156); // The sum counts itself as spaces.
  header.write(typeFlags[type] + target, 156);
  header.write('ustar\u000000', 257);
  header.write(prefix, 345);
  header.write(
    octal(
      header.reduce((sum, byte) => sum + byte, 0),
      6,
    ),
    148,
  );
  return header;
}

/** Splits a path at a slash: at most 155 bytes before it, and 100 after it. */
function splitPath(path: string): { prefix: string; name: string } {
  if (Buffer.byteLength(path) <= 100) return { prefix: '', name: path };
  for (let slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
    const [prefix, name] = [path.slice(0, slash), path.slice(slash + 1)];
    if (Buffer.byteLength(prefix) <= 155 && Buffer.byteLength(name) <= 100) return { prefix, name };
  }
  throw new Error(`a tar archive has no room for the path ${path}`);
}
