import { nodeName } from '../../cluster/addresses.ts';
import { callApiServer } from '../../cluster/api-server.ts';

/** Gives the node a label. @returns a handle that removes it */
export async function labelNode(label: string): Promise<AsyncDisposable> {
  const set = async (value: string | null) => {
    const body = { metadata: { labels: { [label]: value } } };
    await callApiServer(`/api/v1/nodes/${nodeName}`, { method: 'PATCH', body });
  };
  await set('yes');
  return { [Symbol.asyncDispose]: () => set(null) };
}
