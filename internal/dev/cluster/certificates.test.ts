import { expect, test } from 'vitest';
import { certificateParameters } from './certificates.ts';

test.each([
  { name: 'admin', subject: '/O=system:masters/CN=admin', uses: 'clientAuth' },
  { name: 'kubelet', subject: '/O=system:nodes/CN=system:node:node', uses: 'clientAuth,serverAuth' },
  { name: 'kube-proxy', subject: '/CN=system:kube-proxy', uses: 'clientAuth' },
] as const)(
  'the certificate of $name has its identity, and what it may be used for',
  ({ name, subject, uses }) => {
    const parameters = certificateParameters(name);
    expect(parameters[parameters.indexOf('-subj') + 1]).toBe(subject);
    expect(parameters).toContain(`extendedKeyUsage=${uses}`);
  },
);

test('the certificate of the API server has the addresses and names that Pods use', () => {
  const names = certificateParameters('kube-apiserver').find((text) => text.startsWith('subjectAltName='));
  expect(names).toContain('IP:198.18.2.1,IP:198.18.0.2');
  expect(names).toContain('DNS:kubernetes.default.svc,');
});

test('the certificate of a mere client has no alternative names', () => {
  expect(certificateParameters('admin').join(' ')).not.toContain('subjectAltName');
});
