import { addresses, clusterDomain, nodeName } from '../addresses.ts';
import { answersWell } from '../api-server.ts';
import { authorityCertificate, certificateOf, keyOf } from '../certificates.ts';
import { clusterGroup } from '../cgroups.ts';
import { kubeconfigOf } from '../kubeconfigs.ts';
import { builtProgram, type Component, configurationFile, toOptions, toYaml } from './component.ts';
import { containerd } from './containerd.ts';
import { kubeApiserver } from './kube-apiserver.ts';

const configurationPath = configurationFile('kubelet.json');
const resolverPath = configurationFile('resolv.conf');
const healthPort = 10248;

/** https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/ */
const configuration = {
  apiVersion: 'kubelet.config.k8s.io/v1beta1',
  kind: 'KubeletConfiguration',
  containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
  cgroupDriver: 'cgroupfs',
  cgroupRoot: `/${clusterGroup}`,
  failCgroupV1: false,
  failSwapOn: false,
  // The node is this machine, and the kubelet must not limit its other work.
  enforceNodeAllocatable: [],
  // It checks the kernel's settings instead of changing them. sandbox.ts shows it the expected ones.
  protectKernelDefaults: true,
  // A disk that is nearly full, like many developers' disks, is no reason to remove images or evict Pods.
  imageGCHighThresholdPercent: 100,
  evictionHard: { 'memory.available': '20Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
  serializeImagePulls: false,
  volumePluginDir: '/var/lib/kubelet/volume-plugins',
  resolvConf: resolverPath,
  clusterDNS: [addresses.node],
  clusterDomain,
  healthzBindAddress: addresses.node,
  healthzPort: healthPort,
  authentication: {
    anonymous: { enabled: false },
    webhook: { enabled: true },
    x509: { clientCAFile: authorityCertificate },
  },
  authorization: { mode: 'Webhook' },
  tlsCertFile: certificateOf('kubelet'),
  tlsPrivateKeyFile: keyOf('kubelet'),
};

/** Runs the Pods of the only node. @param changes to its configuration */
export function kubeletWith(changes: Readonly<Record<string, unknown>>): Component {
  return {
    name: 'kubelet',
    command: [
      builtProgram('kubelet'),
      ...toOptions({
        config: configurationPath,
        kubeconfig: kubeconfigOf('kubelet'),
        'hostname-override': nodeName,
        'node-ip': addresses.node,
      }),
    ],
    files: { [configurationPath]: toYaml({ ...configuration, ...changes }), [resolverPath]: '' },
    after: [containerd.name, kubeApiserver.name],
    isReady: () => answersWell(`http://${addresses.node}:${healthPort}/healthz`),
  };
}

export const kubelet = kubeletWith({});
