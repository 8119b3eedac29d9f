/**
 * An environment as the kernel hands it over: `NAME=value` strings of bytes, in order, duplicates and all.
 * Node's `process.env` loses bytes that are no UTF-8, duplicates and the order; a job must not.
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

  /** The value of the first entry of that name, which is the one that getenv(3) finds. */
  getBytes(name: string): Buffer | undefined {
    const prefix = Buffer.from(`${name}=`);
    return this.entries.find((entry) => startsWith(entry, prefix))?.subarray(prefix.length);
  }

  /** As text; bytes that are no UTF-8 show as U+FFFD. */
  get(name: string): string | undefined {
    return this.getBytes(name)?.toString();
  }

  /** The names, in order; of an entry without `=` all of it. */
  names(): string[] {
    return this.entries.map((entry) => entry.toString().split('=', 1)[0] ?? '');
  }

  /** Less every entry whose name begins with `prefix`. */
  without(prefix: string): Environment {
    const bytes = Buffer.from(prefix);
    return new Environment(this.entries.filter((entry) => !startsWith(entry, bytes)));
  }

  /** With `name` set: in place of its first entry, at the end if there is none. */
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
