import { expect, test } from 'vitest';
import { writeGoModuleFile } from './go-module-file.ts';

const kubernetes = {
  Go: '1.24.0',
  Require: [
    { Path: 'google.golang.org/grpc', Version: 'v1.72.1' },
    { Path: 'k8s.io/api', Version: 'v0.0.0' },
  ],
  Replace: ['k8s.io/api', 'k8s.io/kubectl'].map((Path) => ({ Old: { Path } })),
};

test('modules in the tree of Kubernetes are replaced by their releases, and others keep its versions', () => {
  expect(writeGoModuleFile({ kubernetes: '1.34.4', coredns: '1.12.4' }, kubernetes)).toBe(
    [
      'module runner-init/cluster\n',
      'go 1.24.0\n',
      'require (',
      '\tk8s.io/kubernetes v1.34.4',
      '\tgithub.com/coredns/coredns v1.12.4',
      ')\n',
      'replace (',
      '\tk8s.io/api => k8s.io/api v0.34.4',
      '\tk8s.io/kubectl => k8s.io/kubectl v0.34.4',
      '\tgoogle.golang.org/grpc => google.golang.org/grpc v1.72.1',
      ')\n',
    ].join('\n'),
  );
});
