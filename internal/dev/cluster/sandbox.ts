import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { waitFor } from '../testing/wait-for.ts';
import { listComponentProcesses, makeGroups } from './cgroups.ts';
import { places, stateFolder } from './places.ts';
import { findProcess, inGroups, logOf, runLogged } from './processes.ts';

/*
 * The cluster lives in its own namespaces. When their first process ends, the kernel ends all others, and removes the
 * mounts, interfaces, addresses and packet rules. Nothing is left that would need a record.
 */

/** The settings that the kubelet demands. They are settings of the whole machine, so it sees files instead. */
const kernelSettings = {
  'vm/overcommit_memory': 1,
  'vm/panic_on_oom': 0,
  'kernel/panic': 10,
  'kernel/panic_on_oops': 1,
  'kernel/keys/root_maxkeys': 1_000_000,
  'kernel/keys/root_maxbytes': 25_000_000,
} as const;

const settingsFolder = join(stateFolder, 'kernel-settings');

/** Prepares the namespaces, then waits as their first process. */
const firstProcess = `
programs=$1
mount -t proc proc /proc
mount --bind "$programs" "${places.programs}"
cd "${settingsFolder}"
for file in */* */*/*; do
  [ ! -f "$file" ] || mount --bind "$file" "/proc/sys/$file"
done
mount --bind "${places.run}" /run
mount --bind "${places.tmp}" /tmp
mount --rbind "${stateFolder}" "${places.stateInVar}"
mount --rbind "${places.var}" /var
# Mounts of Pods have to reach those who see other parts of this tree.
mount --make-rshared /
echo 1 >/proc/sys/net/ipv4/ip_forward
ip link set lo up
exec "${places.programs}/pause"`;

/** The pid of the first process of the cluster's namespaces. Undefined until the namespaces are ready for use. */
export function findSandbox(): number | undefined {
  return findProcess('pause');
}

/** The same of a cluster that has to be there. @throws Error if there is none */
export function requireSandbox(): number {
  const sandbox = findSandbox();
  if (sandbox === undefined) throw new Error('there is no cluster');
  return sandbox;
}

/**
 * Makes the cluster's namespaces, unless they exist.
 *
 * @param programs the folder with the built programs
 * @returns the pid of their first process
 */
export async function openSandbox(programs: string, signal: AbortSignal): Promise<number> {
  return findSandbox() ?? makeSandbox(programs, signal);
}

async function makeSandbox(programs: string, signal: AbortSignal): Promise<number> {
  await makeFolders();
  await symlink(join(programs, 'kubectl'), places.kubectl);
  // The first child is the first process of the new namespace of processes. Its parent ends at once.
  const unshare = ['unshare', '--mount', '--pid', '--net', 'setsid', '--fork'];
  const command = [...unshare, 'sh', '-ec', firstProcess, 'sh', programs];
  await runLogged('sandbox', inGroups(makeGroups(), command));
  return waitFor('the first process of the cluster', () => {
    signal.throwIfAborted();
    const sandbox = findSandbox();
    if (sandbox === undefined && listComponentProcesses().length === 0)
      throw new Error(`the cluster's namespaces cannot be made: see ${logOf('sandbox')}`);
    return sandbox;
  });
}

async function makeFolders(): Promise<void> {
  const { programs, certificates, configuration, logs, registries, run, tmp, stateInVar } = places;
  const varTmp = join(places.var, 'tmp');
  for (const path of [programs, configuration, logs, registries, run, stateInVar, join(places.var, 'log')]) {
    await mkdir(path, { recursive: true });
  }
  await mkdir(certificates, { recursive: true, mode: 0o700 });
  for (const path of [tmp, varTmp]) await mkdir(path, { recursive: true, mode: 0o1777 });
  await symlink('/run', join(places.var, 'run')).catch(() => {});
  for (const [name, value] of Object.entries(kernelSettings)) {
    const file = join(settingsFolder, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, `${value}\n`);
  }
}

/** A command that becomes another one within the cluster's namespaces. */
export function inSandbox(sandbox: number, command: readonly string[]): string[] {
  return ['nsenter', `--target=${sandbox}`, '--mount', '--pid', '--net', '--', ...command];
}
