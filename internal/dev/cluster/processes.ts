import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readProc } from '../testing/proc.ts';
import { listComponentProcesses } from './cgroups.ts';
import { places } from './places.ts';

/** The whole environment of the cluster's programs. They must not use the caller's proxy. */
const environment = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  // Go's collector runs a quarter as often as by default: memory is cheaper here than processor time.
  GOGC: '400',
};

/** Enters the groups before `--`, then becomes the command after it. For `sh -ec`, with `groups --` and a command. */
const enterGroups = `
while [ "$1" != -- ]; do
  echo 0 >"$1/cgroup.procs"
  shift
done
shift
exec "$@"`;

/** A command that becomes another one within these control groups. */
export function inGroups(groups: readonly string[], command: readonly string[]): string[] {
  return ['sh', '-ec', enterGroups, 'sh', ...groups, '--', ...command];
}

/**
 * The pid of one of the cluster's own programs, as this machine sees it. It comes from the kernel, not from a file, so
 * the process exists and is the cluster's, whatever has crashed.
 *
 * @param name the last part of its path
 */
export function findProcess(name: string): number | undefined {
  return listComponentProcesses().find(
    (pid) => basename(readProc(pid, 'cmdline').split('\0')[0] ?? '') === name,
  );
}

/** The log file of a component. */
export function logOf(name: string): string {
  return join(places.logs, `${name}.log`);
}

/**
 * Runs a program to its end, with its output in a log.
 *
 * @throws Error that names the log, unless the program succeeds
 */
export async function runLogged(name: string, [program = '', ...args]: readonly string[]): Promise<void> {
  const log = openSync(logOf(name), 'a');
  try {
    const child = spawn(program, args, { cwd: '/', env: environment, stdio: ['ignore', log, log] });
    const status = await new Promise<number | NodeJS.Signals | null>((resolve, reject) => {
      child.once('error', reject).once('exit', (code, signal) => resolve(code ?? signal));
    });
    if (status !== 0) throw new Error(`${program} ended with ${status}: see ${logOf(name)}`);
  } finally {
    closeSync(log);
  }
}
