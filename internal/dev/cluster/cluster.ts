import { spawn } from 'node:child_process';
import { createReadStream, existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { onInterruption } from '../interruption.ts';
import { buildHelm } from './build-helm.ts';
import { takeDown } from './down.ts';
import { installGatewayApi } from './gateway-api.ts';
import { listImages, loadArchive } from './images/load.ts';
import { kubernetesEnvironment } from './kubectl.ts';
import { places } from './places.ts';
import { needRoot } from './requirements.ts';
import { findSandbox } from './sandbox.ts';
import { inspectComponents } from './status.ts';
import { bringUp } from './up.ts';

/* ./do cluster: a Kubernetes of one node on this machine. */

const begin = performance.now();

/** Writes to stderr, because stdout is for other programs. */
function report(what: string): void {
  const seconds = ((performance.now() - begin) / 1000).toFixed(1);
  console.error(`[${seconds.padStart(5)} s] cluster: ${what}`);
}

const commands: Readonly<Record<string, (args: string[], signal: AbortSignal) => Promise<void>>> = {
  up: async (args, signal) => {
    const { values } = parseArgs({
      args,
      options: { with: { type: 'string', multiple: true, default: [] } },
    });
    const unknown = values.with.find((name) => name !== 'gateway');
    if (unknown !== undefined) throw new Error(`--with takes gateway, not ${unknown}`);
    await bringUp(report, signal);
    if (values.with.length > 0) {
      await installGatewayApi(signal);
      report('has the definitions of the Gateway API');
    }
    console.log(`export KUBECONFIG=${places.kubeconfig}`);
  },
  down: async (args, signal) => {
    parseArgs({ args });
    report((await takeDown(report, signal)) ? 'is down, and nothing of it is left' : 'is not there');
  },
  status: printStatus,
  kubectl: async (args) => {
    if (findSandbox() === undefined) throw new Error('there is no cluster: ./do cluster up');
    become(places.kubectl, args);
  },
  helm: async (args, signal) => become(await buildHelm(report, signal), args),
  load: loadImages,
  images: async (args) => {
    parseArgs({ args });
    console.log((await listImages()).join('\n'));
  },
};

async function printStatus(args: string[]): Promise<void> {
  parseArgs({ args });
  const states = await inspectComponents();
  for (const { name, pid, isReady, log } of states) {
    const state = pid === undefined ? 'does not run' : isReady ? 'is ready' : 'is not ready';
    console.log(
      `${name.padEnd(24)} ${state.padEnd(13)} ${`${pid ?? ''}`.padEnd(8)} ${pid === undefined ? '' : log}`,
    );
  }
  const isUp = states.every(({ isReady }) => isReady);
  if (isUp) console.log(`\nkubeconfig  ${places.kubeconfig}\naudit log   ${places.auditLog}`);
  else process.exitCode = 1;
}

/** Loads archives of `docker save` or another tool, and images of a Docker engine by their names. */
async function loadImages(images: string[]): Promise<void> {
  if (images.length === 0) throw new Error('load takes archives, or names of images');
  for (const image of images) {
    if (existsSync(image)) {
      await loadArchive(createReadStream(image));
      continue;
    }
    const docker = spawn('docker', ['save', image], { stdio: ['ignore', 'pipe', 'inherit'] });
    await loadArchive(docker.stdout);
  }
}

/** This process becomes another program, which takes over its terminal, its signals and its exit status. */
function become(program: string, args: readonly string[]): void {
  process.execve?.(program, [program, ...args], kubernetesEnvironment());
}

const [name = '', ...args] = process.argv.slice(2);
try {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) throw new Error(`expected ${Object.keys(commands).join(', ')}`);
  needRoot();
  await command(args, onInterruption());
} catch (error) {
  console.error(`cluster: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
