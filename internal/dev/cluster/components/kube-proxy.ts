import { addresses, nodeName } from '../addresses.ts';
import { answersWell } from '../api-server.ts';
import { kubeconfigOf } from '../kubeconfigs.ts';
import { builtProgram, type Component, configurationFile, toOptions, toYaml } from './component.ts';
import { kubeApiserver } from './kube-apiserver.ts';

const configurationPath = configurationFile('kube-proxy.json');
const health = `${addresses.node}:10256`;

/** https://kubernetes.io/docs/reference/config-api/kube-proxy-config.v1alpha1/ */
const configuration = {
  apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
  kind: 'KubeProxyConfiguration',
  mode: 'iptables',
  clientConnection: { kubeconfig: kubeconfigOf('kube-proxy') },
  clusterCIDR: addresses.pods,
  healthzBindAddress: health,
  // Only the machine's own network has these settings, and they must not change.
  conntrack: { maxPerCore: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
};

/** Routes the addresses of Services to their Pods. */
export const kubeProxy: Component = {
  name: 'kube-proxy',
  command: [
    builtProgram('kube-proxy'),
    ...toOptions({ config: configurationPath, 'hostname-override': nodeName }),
  ],
  files: { [configurationPath]: toYaml(configuration) },
  after: [kubeApiserver.name],
  isReady: () => answersWell(`http://${health}/healthz`),
};
