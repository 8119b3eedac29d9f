import type { StoredObject } from '../../internal/dev/kubernetes-api/object-store.ts';
import { collection, names } from '../../internal/dev/testing/start-controller.ts';
import { ownLabels } from '../../runner/pod/own-metadata.ts';

const gateways = `/apis/gateway.networking.k8s.io/v1/namespaces/${names.namespace}/gateways`;
const services = `/api/v1/namespaces/${names.namespace}/services`;

const sshPort = 'ssh-54782';

/** The node, and the objects that an operator has created for tasks with services and with SSH, by their paths. */
export const surroundings: Readonly<Record<string, readonly object[]>> = {
  '/api/v1/nodes': [
    { metadata: { name: 'node-a' }, status: { conditions: [{ type: 'Ready', status: 'True' }] } },
  ],
  [collection('secrets')]: [{ metadata: { name: 'logging-token' } }],
  [gateways]: [
    {
      metadata: { name: 'gate' },
      spec: { listeners: [{ name: sshPort, port: 54782 }] },
      status: { addresses: [{ value: '192.0.2.1' }] },
    },
  ],
  [services]: [{ metadata: { name: 'entrance' }, spec: { ports: [{ targetPort: sshPort }] } }],
};

/** The Pod of another replica's task, with the only SSH port. */
export const rival = {
  metadata: { name: 'rival', labels: ownLabels('another') },
  spec: { containers: [{ name: 'container-0', ports: [{ name: sshPort }] }] },
} as StoredObject;
