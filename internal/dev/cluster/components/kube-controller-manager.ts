import { addresses } from '../addresses.ts';
import { answersWell } from '../api-server.ts';
import { authorityCertificate, certificateOf, keyOf, tokenKey } from '../certificates.ts';
import { kubeconfigOf } from '../kubeconfigs.ts';
import { builtProgram, type Component, toOptions } from './component.ts';
import { kubeApiserver } from './kube-apiserver.ts';

export const kubeControllerManager: Component = {
  name: 'kube-controller-manager',
  command: [
    builtProgram('kube-controller-manager'),
    ...toOptions({
      kubeconfig: kubeconfigOf('kube-controller-manager'),
      'bind-address': addresses.node,
      'tls-cert-file': certificateOf('kube-controller-manager'),
      'tls-private-key-file': keyOf('kube-controller-manager'),
      'leader-elect': false,
      'use-service-account-credentials': true,
      'service-account-private-key-file': tokenKey,
      'root-ca-file': authorityCertificate,
    }),
  ],
  after: [kubeApiserver.name],
  isReady: () => answersWell(`https://${addresses.node}:10257/healthz`),
};
