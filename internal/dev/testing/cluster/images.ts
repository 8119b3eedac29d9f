import { loadImage } from '../../cluster/images/load.ts';
import { runCommand } from '../../cluster/run-command.ts';
import { buildFakeAgent } from '../build-fake-agent.ts';
import { findBusybox } from '../containers/busybox.ts';
import { executable } from '../executable.ts';

/**
 * The images of Pods in tests: made of files of this machine, because the cluster can pull none. The names with a real
 * registry are those in examples/kubernetes.
 */
export const images = {
  /** What init copies: the built orchestrator, and the fake agent. */
  runnerInit: 'docker.io/circleci/runner-init:test-agent',
  /** A job's image with no file at all, only /shared. */
  bare: 'localhost/bare:test',
  /** A job's image with a shell and its tools. */
  busybox: 'docker.io/library/busybox:1.37',
  /** Node.js, for the runner API of the examples. */
  node: 'docker.io/library/node:26-alpine',
} as const;

/** Makes them all and gives them to the cluster. @throws Error when the orchestrator is not built */
export async function loadTestImages(): Promise<void> {
  const environment = ['PATH=/usr/local/bin:/bin'];
  await loadImage(images.runnerInit, {
    files: { '/orchestrator': executable, '/circleci-agent': await buildFakeAgent() },
    entrypoint: ['/orchestrator', 'init'],
  });
  await loadImage(images.bare, { folders: { '/shared': 0o755 } });
  const { program, tools } = await findBusybox();
  await loadImage(images.busybox, {
    files: { '/bin/busybox': program },
    links: Object.fromEntries(tools.map((name) => [`/bin/${name}`, 'busybox'])),
    command: ['sh'],
    environment,
  });
  await loadImage(images.node, { files: await nodeFiles(), environment });
}

/** The Node.js that runs this, and the libraries that it is linked against, by their places in the image. */
async function nodeFiles(): Promise<Record<string, string>> {
  const libraries = (await runCommand(['ldd', process.execPath])).match(/\/\S+/g) ?? [];
  return {
    '/usr/local/bin/node': process.execPath,
    ...Object.fromEntries(libraries.map((path) => [path, path])),
  };
}
