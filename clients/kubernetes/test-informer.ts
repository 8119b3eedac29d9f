import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import type { Backoff } from '../../internal/back-off.ts';
import { waitFor } from '../../internal/dev/testing/wait-for.ts';
import { Informer } from './informer.ts';
import { podsPath, testKubernetes } from './test-kubernetes.ts';

/** A running informer, and a record of what it reported. */
export async function startInformer(
  settings: { keeps?: boolean; silenceMs?: number; backoff?: Backoff } = {},
) {
  const kubernetes = await testKubernetes();
  const { api, client, signal } = kubernetes;
  const troubles: unknown[] = [];
  const told: string[] = [];
  const informer = new Informer<Pod>(client.pods, {
    selection: { labelSelector: 'mine=yes' },
    backoff: { first: 1, longest: 5 },
    ...settings,
    extract: ({ spec: _, ...rest }) => rest,
    onTrouble: (error) => troubles.push(error),
  });
  informer.listen((change) => {
    const seen = change.type === 'deleted' ? ` ${change.seen ? 'seen' : 'missed'}` : '';
    told.push(`${change.type} ${change.object.metadata?.name}${seen}`);
  });
  const put = (name: string, rest: object = {}) =>
    api.put(podsPath, { ...rest, metadata: { name, labels: { mine: 'yes' } } });
  const run = async () => {
    void informer.run(signal);
    await informer.synced;
    await watching();
  };
  const watching = () => waitFor('a watch', () => api.watches > 0);
  const tells = (text: string) => waitFor(text, () => told.includes(text));
  const lists = () => api.requests.filter(({ query }) => query.get('watch') === null).length;
  return { ...kubernetes, informer, troubles, told, put, run, tells, watching, lists };
}
