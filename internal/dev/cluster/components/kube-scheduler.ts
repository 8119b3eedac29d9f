import { addresses } from '../addresses.ts';
import { answersWell } from '../api-server.ts';
import { certificateOf, keyOf } from '../certificates.ts';
import { kubeconfigOf } from '../kubeconfigs.ts';
import { builtProgram, type Component, toOptions } from './component.ts';
import { kubeApiserver } from './kube-apiserver.ts';

export const kubeScheduler: Component = {
  name: 'kube-scheduler',
  command: [
    builtProgram('kube-scheduler'),
    ...toOptions({
      kubeconfig: kubeconfigOf('kube-scheduler'),
      'bind-address': addresses.node,
      'tls-cert-file': certificateOf('kube-scheduler'),
      'tls-private-key-file': keyOf('kube-scheduler'),
      'leader-elect': false,
    }),
  ],
  after: [kubeApiserver.name],
  isReady: () => answersWell(`https://${addresses.node}:10259/healthz`),
};
