import type { PolicyRule } from 'kubernetes-types/rbac/v1.d.ts';
import {
  type ContainerRunner,
  installContainerRunner,
} from '../../../internal/dev/testing/cluster/container-runner.ts';
import { names } from '../../../internal/dev/testing/cluster/controller-manifest.ts';
import { images } from '../../../internal/dev/testing/cluster/images.ts';
import type { NamespaceContract } from '../../../internal/dev/testing/cluster/namespace.ts';

/** The resource class of tests that need only one. */
export const linux = 'acme/linux';

/** A class with small resources and short grace periods. */
export const smallClass = {
  spec: {
    containers: [
      {
        env: [{ name: 'CIRCLECI_GOAT_TERMINATION_GRACE_PERIOD', value: '1s' }],
        resources: { requests: { cpu: '10m', memory: '32Mi' }, limits: { memory: '256Mi' } },
      },
    ],
  },
};

/** The differences of a test's Deployment of the controller. */
export interface ControllerDeployment
  extends NamespaceContract,
    Partial<Pick<ContainerRunner, 'classes' | 'configuration' | 'objects' | 'replicas' | 'variables'>> {
  /** Further rights of the controller, beside the manifest's Roles. */
  readonly rights?: readonly PolicyRule[];
}

/** Installs the controller with the images and the log of tests. @returns what removes objects without a namespace */
export function installController(
  deployment: ControllerDeployment,
  place: Pick<ContainerRunner, 'namespace' | 'tokens' | 'runnerApiUrl'>,
): Promise<AsyncDisposable> {
  const { classes = { [linux]: smallClass }, objects = [], rights = [], variables, ...rest } = deployment;
  return installContainerRunner({
    ...rest,
    ...place,
    classes,
    objects: [...objects, ...roleWith(rights)],
    images,
    variables: { O11Y_LEVEL: 'debug', ...variables },
  });
}

/** A Role with these rules and its binding to the controller's account, like the chart's for optional features. */
function roleWith(rules: readonly PolicyRule[]): object[] {
  if (rules.length === 0) return [];
  const [apiVersion, metadata] = ['rbac.authorization.k8s.io/v1', { name: 'more-rights' }];
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: metadata.name };
  const subjects = [{ kind: 'ServiceAccount', name: names.controller }];
  return [
    { apiVersion, kind: 'Role', metadata, rules },
    { apiVersion, kind: 'RoleBinding', metadata, roleRef, subjects },
  ];
}
