import type { SshEntrance } from '../ssh/ssh-ports.ts';
import { type ControllerSettings, ControllerSettingsError } from './controller-settings.ts';

/** Where jobs are entered by SSH. @throws ControllerSettingsError where it is enabled and not said */
export function sshEntrance({
  KUBE_SSH_GATEWAY_NAME: gateway,
  KUBE_SSH_SERVICE_NAME: service,
}: Pick<ControllerSettings, 'KUBE_SSH_GATEWAY_NAME' | 'KUBE_SSH_SERVICE_NAME'>): SshEntrance {
  if (gateway !== '') return { gateway, service };
  throw new ControllerSettingsError(
    'KUBE_SSH_GATEWAY_NAME: expected the name of a Gateway, as KUBE_SSH_IS_ENABLED is true.',
  );
}
