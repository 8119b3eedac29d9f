import { addresses, apiServerUrl, clusterDomain } from '../addresses.ts';
import { answersWell } from '../api-server.ts';
import { authorityCertificate, certificateOf, keyOf, tokenKey } from '../certificates.ts';
import { places } from '../places.ts';
import { builtProgram, type Component, configurationFile, toOptions, toYaml } from './component.ts';
import { etcdUrl } from './etcd.ts';

const auditPolicyFile = configurationFile('audit-policy.json');

/** Logs the user, the object and the result of every request when it is answered. */
const auditPolicy = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [{ level: 'Metadata' }],
};

export const kubeApiserver: Component = {
  name: 'kube-apiserver',
  command: [
    builtProgram('kube-apiserver'),
    ...toOptions({
      'bind-address': addresses.node,
      'advertise-address': addresses.node,
      'etcd-servers': etcdUrl,
      'service-cluster-ip-range': addresses.services,
      'allow-privileged': true,
      'authorization-mode': 'Node,RBAC',
      'enable-admission-plugins': 'NodeRestriction',
      'client-ca-file': authorityCertificate,
      'tls-cert-file': certificateOf('kube-apiserver'),
      'tls-private-key-file': keyOf('kube-apiserver'),
      'kubelet-certificate-authority': authorityCertificate,
      'kubelet-client-certificate': certificateOf('kube-apiserver-kubelet-client'),
      'kubelet-client-key': keyOf('kube-apiserver-kubelet-client'),
      // No name server knows the node.
      'kubelet-preferred-address-types': 'InternalIP',
      'service-account-issuer': `https://kubernetes.default.svc.${clusterDomain}`,
      'service-account-key-file': tokenKey,
      'service-account-signing-key-file': tokenKey,
      'audit-policy-file': auditPolicyFile,
      'audit-log-path': places.auditLog,
      // By default an hour, so a load of an hour would lose the events that were there before.
      'event-ttl': '3h',
    }),
  ],
  files: { [auditPolicyFile]: toYaml(auditPolicy) },
  after: [],
  isReady: () => answersWell(`${apiServerUrl}/readyz`),
};
