import type { JsonObject } from '../../internal/json.ts';
import type { PodPlatform } from './platform.ts';

/** A user id that no image uses. */
const nobody = 65_532;

/** If a container of ours ends without a termination message, the end of its log replaces the message. */
export const lastWords: JsonObject = { terminationMessagePolicy: 'FallbackToLogsOnError' };

/**
 * The rights of a container of ours: as few as the `restricted` Pod security standard demands, so that it fits into
 * every namespace. If the class's Pods must not run as root but name no user, ours names one, because its image has
 * none.
 */
export function confined({ os }: PodPlatform, podSecurityContext: JsonObject): JsonObject {
  if (os === 'windows') return {};
  const anonymous = podSecurityContext.runAsNonRoot === true && podSecurityContext.runAsUser === undefined;
  return {
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
      ...(anonymous ? { runAsUser: nobody } : {}),
    },
  };
}
