import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../run-command.ts';
import { addresses, clusterDomain, nodeName } from './addresses.ts';
import { places } from './places.ts';

/** The identity in a certificate. For the API server, the common name is a user, and the organization a group. */
export interface Identity {
  readonly commonName: string;
  readonly organization?: string;
  /** The names and addresses of a server, as subject alternative names of OpenSSL. */
  readonly serves?: readonly string[];
}

const ofNode = `IP:${addresses.node}`;
const serviceNames = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc'].map(
  (name) => `DNS:${name}`,
);

/** Certificates by the names of their files. https://kubernetes.io/docs/setup/best-practices/certificates/ */
export const identities = {
  'kube-apiserver': {
    commonName: 'kube-apiserver',
    serves: [
      ...serviceNames,
      `DNS:kubernetes.default.svc.${clusterDomain}`,
      `IP:${addresses.kubernetesService}`,
      ofNode,
    ],
  },
  /** The API server's identity for the kubelet. */
  'kube-apiserver-kubelet-client': { commonName: 'kube-apiserver', organization: 'system:masters' },
  kubelet: { commonName: `system:node:${nodeName}`, organization: 'system:nodes', serves: [ofNode] },
  'kube-controller-manager': { commonName: 'system:kube-controller-manager', serves: [ofNode] },
  'kube-scheduler': { commonName: 'system:kube-scheduler', serves: [ofNode] },
  'kube-proxy': { commonName: 'system:kube-proxy' },
  coredns: { commonName: 'coredns', organization: 'system:masters' },
  admin: { commonName: 'admin', organization: 'system:masters' },
} satisfies Readonly<Record<string, Identity>>;

export type IdentityName = keyof typeof identities;

export const authorityCertificate = join(places.certificates, 'ca.crt');
const authorityKey = join(places.certificates, 'ca.key');

/** The key with which the controller manager signs the tokens of service accounts, and the API server checks them. */
export const tokenKey = join(places.certificates, 'service-accounts.key');

/** Marks that all of them exist. */
const complete = join(places.certificates, 'complete');

export function certificateOf(name: IdentityName): string {
  return join(places.certificates, `${name}.crt`);
}

export function keyOf(name: IdentityName): string {
  return join(places.certificates, `${name}.key`);
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc'];
const validity = ['-days', '365'];

/** The parameters of `openssl` that make a key and its certificate, signed by the cluster's authority. */
export function certificateParameters(name: IdentityName): string[] {
  const { commonName, organization, serves = [] }: Identity = identities[name];
  const uses = ['clientAuth', ...(serves.length > 0 ? ['serverAuth'] : [])];
  return [
    ...['req', '-x509', ...newKey, ...validity, '-keyout', keyOf(name), '-out', certificateOf(name)],
    ...['-CA', authorityCertificate, '-CAkey', authorityKey],
    ...['-subj', `${organization ? `/O=${organization}` : ''}/CN=${commonName}`],
    ...['-addext', 'basicConstraints=critical,CA:FALSE', '-addext', `extendedKeyUsage=${uses.join(',')}`],
    ...(serves.length > 0 ? ['-addext', `subjectAltName=${serves.join(',')}`] : []),
  ];
}

/** Makes the authority, all certificates and the key of the tokens, unless they exist. */
export async function makeCertificates(): Promise<void> {
  if (existsSync(complete)) return;
  const authority = ['req', '-x509', ...newKey, ...validity, '-subj', '/CN=runner-init-cluster'];
  await openssl([...authority, '-keyout', authorityKey, '-out', authorityCertificate]);
  await openssl(['ecparam', '-genkey', '-noout', '-name', 'prime256v1', '-out', tokenKey]);
  const names = Object.keys(identities) as IdentityName[];
  await Promise.all(names.map((name) => openssl(certificateParameters(name))));
  await writeFile(complete, '');
}

async function openssl(args: readonly string[]): Promise<void> {
  await runCommand(['openssl', ...args]);
}
