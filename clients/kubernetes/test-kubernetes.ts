import { onTestFinished } from 'vitest';
import { FakeKubernetesApi } from '../../internal/dev/kubernetes-api/fake-kubernetes-api.ts';
import { KubernetesClient } from './client.ts';
import type { Credentials } from './credentials.ts';
import { Transport, type TransportSettings } from './transport.ts';

export const nodesPath = '/api/v1/nodes';
export const podsPath = '/api/v1/namespaces/runner/pods';
export const secretsPath = '/api/v1/namespaces/runner/secrets';

/** One request, as it is reported to the metrics. */
export interface Observed {
  readonly verb: string;
  readonly resource: string;
  readonly status: number;
}

/** A client and a fake API server. Both end with the test. */
export async function testKubernetes(
  change: Partial<Credentials> & Pick<TransportSettings, 'answerLimitMs'> = {},
) {
  const api = new FakeKubernetesApi();
  const server = await api.start();
  const { answerLimitMs, ...credentials } = change;
  const limits = answerLimitMs === undefined ? {} : { answerLimitMs };
  const observed: Observed[] = [];
  const transport = new Transport({
    credentials: {
      server,
      namespace: 'runner',
      tls: { ca: async () => undefined, cert: undefined, key: undefined, insecure: false },
      token: async () => 'token-of-the-test',
      ...credentials,
    },
    ...limits,
    userAgent: 'test',
    observe: ({ resource, verb }, status) => void observed.push({ verb, resource, status }),
  });
  const client = new KubernetesClient(transport, 'runner');
  const end = new AbortController();
  onTestFinished(async () => {
    end.abort();
    await client.close();
    await api.close();
  });
  return { api, client, observed, signal: end.signal };
}
