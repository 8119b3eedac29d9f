import type { Node } from 'kubernetes-types/core/v1.d.ts';
import { delay } from '../../../delay.ts';
import { nodeName } from '../../cluster/addresses.ts';
import { readObject } from '../../cluster/api-server.ts';
import { listPodProcesses } from '../../cluster/cgroups.ts';
import type { Component } from '../../cluster/components/component.ts';
import { containerd } from '../../cluster/components/containerd.ts';
import { kubelet } from '../../cluster/components/kubelet.ts';
import { findProcess } from '../../cluster/processes.ts';
import { inSandbox, requireSandbox } from '../../cluster/sandbox.ts';
import { startComponent, waitForComponent } from '../../cluster/start-component.ts';
import { runCommand } from '../../run-command.ts';
import { sendSignal } from '../proc.ts';
import { waitFor } from '../wait-for.ts';

/* Outages of a cluster's own programs. They affect the whole cluster, so no other test may run meanwhile. */

const patience = { limitMs: 180_000, everyMs: 200 };

/** Kills a component, like a crash. @returns a handle that starts it again, and waits until it works */
export async function killComponent(component: Component): Promise<AsyncDisposable> {
  sendSignal(pidOf(component), 'SIGKILL');
  await waitFor(`the end of ${component.name}`, () => findProcess(component.name) === undefined);
  return {
    async [Symbol.asyncDispose]() {
      await startComponent(component, requireSandbox());
      await waitForComponent(component, new AbortController().signal);
    },
  };
}

/**
 * The node's machine loses its power, and starts again: everything on it ends at once, its containers and what watches
 * them, too, and nothing of /run is left. Resolves when the node accepts Pods.
 *
 * @param whileOff happens before it starts again
 */
export async function crashNode(whileOff?: () => Promise<void>): Promise<void> {
  const sandbox = requireSandbox();
  const programs = [kubelet.name, containerd.name, 'containerd-shim-runc-v2'];
  await waitFor('the end of everything on the node', () => {
    const pids = [...programs.flatMap((name) => findProcess(name) ?? []), ...listPodProcesses()];
    for (const pid of pids) sendSignal(pid, 'SIGKILL');
    return pids.length === 0;
  });
  await runCommand(inSandbox(sandbox, ['sh', '-ec', emptyRun]));
  try {
    await whileOff?.();
  } finally {
    for (const component of [containerd, kubelet]) {
      await startComponent(component, sandbox);
      await waitForComponent(component, new AbortController().signal);
    }
  }
  await waitForNode('ready');
}

/*
 * Nothing in memory survives: the mounts of containers, volumes and namespaces of networks, nor what the runtime noted.
 * Mounts of this machine's own /run are listed, too, but the cluster's /run hides them from umount.
 */
const emptyRun = `
cut --delimiter=' ' --fields=5 /proc/self/mountinfo | grep -E '^(/run/(containerd|netns)|/var/lib/kubelet/pods)/' |
  sort --reverse | xargs --no-run-if-empty umount --lazy 2>/dev/null || :
rm --recursive --force /run/containerd /run/netns /run/runc`;

/** Stops a component for some ms. */
export async function stallComponent(component: Component, ms: number): Promise<void> {
  const pid = pidOf(component);
  sendSignal(pid, 'SIGSTOP');
  try {
    await delay(ms, new AbortController().signal);
  } finally {
    sendSignal(pid, 'SIGCONT');
  }
}

/** Waits until the node accepts Pods, or until the control plane has lost contact to it. */
export async function waitForNode(state: 'ready' | 'lost'): Promise<void> {
  const isThere = async () => {
    const { spec, status } = ((await readObject(`/api/v1/nodes/${nodeName}`)) ?? {}) as Node;
    const ready = status?.conditions?.find(({ type }) => type === 'Ready')?.status;
    const isTainted = (spec?.taints ?? []).length > 0;
    return state === 'ready' ? ready === 'True' && !isTainted : ready === 'Unknown' && isTainted;
  };
  await waitFor(`the node to be ${state}`, isThere, patience);
}

function pidOf({ name }: Component): number {
  const pid = findProcess(name);
  if (pid === undefined) throw new Error(`${name} does not run`);
  return pid;
}
