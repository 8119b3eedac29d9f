import { collection, names } from '../../internal/dev/testing/start-controller.ts';

const gateways = `/apis/gateway.networking.k8s.io/v1/namespaces/${names.namespace}/gateways`;
const services = `/api/v1/namespaces/${names.namespace}/services`;

/** The objects that an operator has created for tasks with services and with SSH, by their paths. */
export const surroundings: Readonly<Record<string, readonly object[]>> = {
  [collection('secrets')]: [{ metadata: { name: 'logging-token' } }],
  [gateways]: [
    {
      metadata: { name: 'gate' },
      spec: { listeners: [{ name: 'ssh-54782', port: 54782 }] },
      status: { addresses: [{ value: '192.0.2.1' }] },
    },
  ],
  [services]: [{ metadata: { name: 'entrance' }, spec: { ports: [{ targetPort: 'ssh-54782' }] } }],
};
