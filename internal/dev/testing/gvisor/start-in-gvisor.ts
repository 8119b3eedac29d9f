import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { searchPath } from '../../variables.ts';
import type { RunningProgram } from '../running-program.ts';
import { scratchFolder } from '../scratch-folder.ts';
import { startProgram } from '../start-program.ts';

/** A gVisor container. It has this machine's files and network. */
export interface GvisorContainer {
  readonly run: RunningProgram;
  /** Sends a signal to its PID 1. */
  signal(signal: NodeJS.Signals): Promise<void>;
}

/** The properties of its PID 1. */
export interface GvisorProcess {
  readonly env?: Readonly<Record<string, string>>;
  readonly uid?: number;
  readonly capabilities?: readonly string[];
  readonly readOnlyRoot?: boolean;
}

/** Starts a program as PID 1 of a container under gVisor, on runsc's default platform. */
export async function startInGvisor(
  commandLine: readonly string[],
  process: GvisorProcess = {},
): Promise<GvisorContainer> {
  const folder = scratchFolder();
  const [state, bundle] = [join(folder, 'state'), join(folder, 'bundle')];
  await mkdir(bundle);
  await writeFile(join(bundle, 'config.json'), JSON.stringify(describeContainer(commandLine, process)));
  const options = [`--root=${state}`, '--network=host', '--ignore-cgroups'];
  const run = await startProgram(['runsc', ...options, 'run', `--bundle=${bundle}`, 'container']);
  const signal = async (name: NodeJS.Signals) => {
    await promisify(execFile)('runsc', [...options, 'kill', 'container', name.replace('SIG', '')]);
  };
  return { run, signal };
}

/** The container's description for an OCI runtime. */
function describeContainer(args: readonly string[], process: GvisorProcess) {
  const { env = {}, uid = 0, capabilities = [], readOnlyRoot = false } = process;
  return {
    ociVersion: '1.0.0',
    root: { path: '/', readonly: readOnlyRoot },
    process: {
      args,
      env: Object.entries({ PATH: searchPath, ...env }).map(([name, value]) => `${name}=${value}`),
      cwd: '/',
      user: { uid, gid: uid },
      noNewPrivileges: true,
      capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
    },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      { destination: '/tmp', type: 'bind', source: '/tmp', options: ['rbind', 'rw'] },
    ],
    linux: { namespaces: [{ type: 'pid' }, { type: 'mount' }, { type: 'ipc' }] },
  };
}
