import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runCommand } from '../run-command.ts';
import { isRoot } from '../testing/is-root.ts';
import { updatePackageLists } from '../update-package-lists.ts';
import { searchPath, wholeEnvironment } from '../variables.ts';

/** Debian's packages, each with a program that shows whether the package is installed. */
const packages: Readonly<Record<string, string>> = {
  conntrack: 'conntrack',
  containerd: 'containerd',
  'containernetworking-plugins': '/usr/lib/cni/ptp',
  'etcd-server': 'etcd',
  gcc: 'gcc',
  iproute2: 'ip',
  iptables: 'iptables',
  'libc6-dev': '/usr/include/stdlib.h',
  openssl: 'openssl',
  runc: 'runc',
  'util-linux': 'nsenter',
};

/** The properties of a machine that decide whether a cluster can run on it. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly isRoot: boolean;
  /** Whether a program of this name exists, or a file at this absolute path. */
  has(program: string): boolean;
}

/** @throws Error with one line if a cluster cannot be brought up or taken down */
export function needRoot({ platform, isRoot }: Pick<Machine, 'platform' | 'isRoot'> = thisMachine): void {
  if (platform === 'linux' && isRoot) return;
  throw new Error('a cluster needs Linux, and root: it makes namespaces');
}

/**
 * The packages that are missing.
 *
 * @throws Error that says in one line what a cluster needs and this machine cannot provide
 */
export function missingPackages(machine: Machine): string[] {
  needRoot(machine);
  const missing = Object.keys(packages).filter((name) => !machine.has(packages[name] ?? ''));
  if (missing.length > 0 && !machine.has('apt-get'))
    throw new Error(`a cluster needs Debian's packages ${missing.join(', ')}, and there is no apt-get`);
  return missing;
}

/** @throws Error with one line if there is no Go */
export function needGo(has = thisMachine.has): void {
  if (has('go')) return;
  throw new Error("Go is missing, which the cluster's programs are built with: install 1.24 or newer");
}

/** Installs the missing packages. @param report called with their names */
export async function meetRequirements(report: (what: string) => void, signal: AbortSignal): Promise<void> {
  const missing = missingPackages(thisMachine);
  if (missing.length === 0) return;
  report(`installs ${missing.join(', ')}`);
  const env = { ...wholeEnvironment, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
  const aptGet = (...args: string[]) =>
    runCommand(['apt-get', '-qq', '-o', 'DPkg::Lock::Timeout=300', ...args], { env, signal });
  await updatePackageLists(() => aptGet('update'));
  await aptGet('install', '-y', '--no-install-recommends', ...missing);
}

const thisMachine: Machine = {
  platform: process.platform,
  isRoot,
  has: (program) => placesOf(program).some((path) => existsSync(path)),
};

function placesOf(program: string): string[] {
  if (program.startsWith('/')) return [program];
  return searchPath.split(delimiter).map((folder) => join(folder, program));
}
