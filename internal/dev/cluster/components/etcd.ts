import { addresses } from '../addresses.ts';
import { answersWell } from '../api-server.ts';
import { type Component, toOptions } from './component.ts';

/** The address for the API server. It is only reachable within the cluster's network, because it needs no password. */
export const etcdUrl = 'http://127.0.0.1:2379';

const metricsUrl = `http://${addresses.node}:2381`;

/** The store of the API server. */
export const etcd: Component = {
  name: 'etcd',
  command: [
    'etcd',
    ...toOptions({
      'data-dir': '/var/lib/etcd',
      'listen-client-urls': etcdUrl,
      'advertise-client-urls': etcdUrl,
      'listen-peer-urls': 'http://127.0.0.1:2380',
      'listen-metrics-urls': metricsUrl,
      // The most that etcd suggests. A load of 20 tasks a second for an hour may need more than the default, 2 GiB.
      'quota-backend-bytes': `${8 * 1024 ** 3}`,
      // The data is worthless once the machine has crashed.
      'unsafe-no-fsync': true,
    }),
  ],
  after: [],
  isReady: () => answersWell(`${metricsUrl}/health`),
};
