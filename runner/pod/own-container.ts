import type { JsonObject } from '../json.ts';
import type { PodPlatform } from './platform.ts';

/** An id that no image has a user for. */
const nobody = 65_532;

/** Where a container of ours has no word to say about its end, such as one that was never executed, its log has. */
export const lastWords: JsonObject = { terminationMessagePolicy: 'FallbackToLogsOnError' };

/**
 * The rights of a container of ours: as few as the `restricted` Pod security standard asks for, so that it fits into
 * every namespace. Where the class's Pods must not run as root and do not say as whom, ours says so itself, as its
 * image has no user.
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
