import type { SshEntrance } from '../ssh/ssh-ports.ts';
import { type ControllerSettings, ControllerSettingsError } from './controller-settings.ts';

/** The objects for SSH to jobs. @throws ControllerSettingsError if SSH is enabled but they are not named */
export function sshEntrance({
  KUBE_SSH_GATEWAY_NAME: gateway,
  KUBE_SSH_SERVICE_NAME: service,
}: Pick<ControllerSettings, 'KUBE_SSH_GATEWAY_NAME' | 'KUBE_SSH_SERVICE_NAME'>): SshEntrance {
  if (gateway !== '') return { gateway, service };
  throw new ControllerSettingsError(
    'KUBE_SSH_GATEWAY_NAME: expected the name of a Gateway, as KUBE_SSH_IS_ENABLED is true.',
  );
}
