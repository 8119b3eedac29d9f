import { addresses, clusterDomain } from '../addresses.ts';
import { answersWell } from '../api-server.ts';
import { kubeconfigOf } from '../kubeconfigs.ts';
import { builtProgram, type Component, configurationFile } from './component.ts';
import { kubeApiserver } from './kube-apiserver.ts';

const configuration = configurationFile('Corefile');
const readiness = `${addresses.node}:8181`;

/** Serves only names of the cluster, because there is no network for others. */
const corefile = `${clusterDomain} {
  bind ${addresses.node}
  errors
  ready ${readiness}
  kubernetes {
    kubeconfig ${kubeconfigOf('coredns')}
  }
}

. {
  bind ${addresses.node}
  template ANY ANY {
    rcode NXDOMAIN
  }
}
`;

/** Resolves the names of Services to their addresses. */
export const coredns: Component = {
  name: 'coredns',
  command: [builtProgram('coredns'), '-conf', configuration],
  files: { [configuration]: corefile },
  after: [kubeApiserver.name],
  isReady: () => answersWell(`http://${readiness}/ready`),
};
