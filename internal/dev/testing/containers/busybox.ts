import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { unpackPackage } from './packages.ts';

/** One static program that is a shell and its tools. */
export interface Busybox {
  readonly program: string;
  /** The names under which it is another program. */
  readonly tools: readonly string[];
}

/** Gets it from Debian's package. @throws Error with apt's own messages */
export async function findBusybox(): Promise<Busybox> {
  const program = join(await unpackPackage('busybox-static'), 'bin', 'busybox');
  const { stdout } = await promisify(execFile)(program, ['--list']);
  return {
    program,
    tools: stdout
      .trim()
      .split('\n')
      .filter((name) => name !== 'busybox'),
  };
}
