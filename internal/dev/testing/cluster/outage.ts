import type { Node } from 'kubernetes-types/core/v1.d.ts';
import { delay } from '../../../delay.ts';
import { nodeName } from '../../cluster/addresses.ts';
import { readObject } from '../../cluster/api-server.ts';
import type { Component } from '../../cluster/components/component.ts';
import { findProcess } from '../../cluster/processes.ts';
import { findSandbox } from '../../cluster/sandbox.ts';
import { startComponent, waitForComponent } from '../../cluster/start-component.ts';
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
      const sandbox = findSandbox();
      if (sandbox === undefined) throw new Error('there is no cluster any more');
      await startComponent(component, sandbox);
      await waitForComponent(component, new AbortController().signal);
    },
  };
}

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
