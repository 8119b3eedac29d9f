/**
 * An environment as the kernel passes it: `NAME=value` strings of bytes, in order, with duplicates. A job
 * must get all of it. Node's `process.env` loses the order, duplicates, and bytes that are not UTF-8.
 */
export class Environment {
  /** The `NAME=value` strings without their closing NUL. */
  readonly entries: readonly Buffer[];

  constructor(entries: readonly Buffer[]) {
    this.entries = entries;
  }

  /** Reads a block of NUL-terminated strings, as in environ(7). */
  static fromBlock(block: Buffer): Environment {
    const entries: Buffer[] = [];
    for (let start = 0; start < block.length; ) {
      const nul = block.indexOf(0, start);
      const end = nul === -1 ? block.length : nul;
      entries.push(block.subarray(start, end));
      start = end + 1;
    }
    return new Environment(entries);
  }

  static fromObject(variables: Readonly<Record<string, string | undefined>>): Environment {
    const entries = Object.entries(variables).flatMap(([name, value]) =>
      value === undefined ? [] : [Buffer.from(`${name}=${value}`)],
    );
    return new Environment(entries);
  }

  /** The value of the first entry with that name. getenv(3) finds the same entry. */
  getBytes(name: string): Buffer | undefined {
    const prefix = Buffer.from(`${name}=`);
    return this.entries.find((entry) => startsWith(entry, prefix))?.subarray(prefix.length);
  }

  /** The value as text. Bytes that are not UTF-8 show as U+FFFD. */
  get(name: string): string | undefined {
    return this.getBytes(name)?.toString();
  }

  /** The names, in order. An entry without `=` counts as a name. */
  names(): string[] {
    return this.entries.map((entry) => entry.toString().split('=', 1)[0] ?? '');
  }

  /** A copy without the entries whose names begin with `prefix`. */
  without(prefix: string): Environment {
    const bytes = Buffer.from(prefix);
    return new Environment(this.entries.filter((entry) => !startsWith(entry, bytes)));
  }

  /** A copy with `name` set, in place of its first entry, or at the end if there is none. */
  with(name: string, value: string | Buffer): Environment {
    const prefix = Buffer.from(`${name}=`);
    const entry = Buffer.concat([prefix, Buffer.from(value)]);
    const index = this.entries.findIndex((other) => startsWith(other, prefix));
    return new Environment(index === -1 ? [...this.entries, entry] : this.entries.with(index, entry));
  }
}

function startsWith(entry: Buffer, prefix: Buffer): boolean {
  return entry.subarray(0, prefix.length).equals(prefix);
}
