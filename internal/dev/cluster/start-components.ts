import type { Component } from './components/component.ts';
import { containerd } from './components/containerd.ts';
import { components } from './components.ts';
import { loadPauseImage } from './images/pause-image.ts';
import { startComponent, waitForComponent } from './start-component.ts';

/** The place where components are started. */
interface Place {
  /** The pid of the first process of the cluster's namespaces. */
  readonly sandbox: number;
  /** The folder with the built programs. */
  readonly programs: string;
}

/**
 * Starts all components that do not run, each as soon as those that it needs are ready, and waits until all are.
 *
 * @throws Error of the first that fails, or the signal's reason, once nothing is under way any more
 */
export async function startComponents(
  { sandbox, programs }: Place,
  report: (what: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const failure = new AbortController();
  const end = AbortSignal.any([signal, failure.signal]);
  const ready = new Map<string, Promise<void>>();
  const start = async (component: Component) => {
    await Promise.all(component.after.map((name) => ready.get(name)));
    end.throwIfAborted();
    await startComponent(component, sandbox);
    await waitForComponent(component, end);
    if (component === containerd) await loadPauseImage(programs);
    report(`${component.name} is ready`);
  };
  for (const component of components) {
    const started = start(component);
    started.catch((error: unknown) => failure.abort(error));
    ready.set(component.name, started);
  }
  await Promise.allSettled(ready.values());
  end.throwIfAborted();
}
