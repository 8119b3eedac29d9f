import {
  type ContainerRunner,
  installContainerRunner,
} from '../../../internal/dev/testing/cluster/container-runner.ts';
import { images } from '../../../internal/dev/testing/cluster/images.ts';
import type { NamespaceContract } from '../../../internal/dev/testing/cluster/namespace.ts';

/** The resource class of tests that need only one. */
export const linux = 'acme/linux';

/** Little of everything, and no patience with a task that is to end. */
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

/** A Deployment of the controller, as far as tests differ. */
export interface ControllerDeployment
  extends NamespaceContract,
    Partial<Pick<ContainerRunner, 'classes' | 'configuration' | 'objects' | 'replicas' | 'variables'>> {}

/** Installs the controller with the images and the log of tests. @returns what removes what is in no namespace */
export function installController(
  deployment: ControllerDeployment,
  place: Pick<ContainerRunner, 'namespace' | 'tokens' | 'runnerApiUrl'>,
): Promise<AsyncDisposable> {
  const { classes = { [linux]: smallClass }, variables, ...rest } = deployment;
  return installContainerRunner({
    ...rest,
    ...place,
    classes,
    images,
    variables: { O11Y_LEVEL: 'debug', ...variables },
  });
}
