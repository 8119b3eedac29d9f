import { startCluster } from '../../cluster/start-cluster.ts';
import { loadTestImages } from './images.ts';
import { removeAbandonedNamespaces } from './namespace.ts';

/** Called by vitest before the first of these tests. @throws Error that says why there is no cluster */
export async function setup(): Promise<() => Promise<void>> {
  const report = (what: string) => console.log(`cluster: ${what}`);
  const cluster = await startCluster(report, new AbortController().signal);
  await using unlessReady = new AsyncDisposableStack();
  unlessReady.use(cluster);
  await removeAbandonedNamespaces();
  await loadTestImages();
  const ready = unlessReady.move();
  return () => ready.disposeAsync();
}
