import { isPassing, KubernetesError } from '../../clients/kubernetes/kubernetes-error.ts';

/**
 * What to do about an object that the API server did not create:
 * `exists` something has its name; `full` a quota is used up for now; `later` it may succeed later; `refused` never.
 */
export type CreateProblem = 'exists' | 'full' | 'later' | 'refused';

/**
 * Of what is forbidden only this may pass: rights and accounts that are missing can be given while the task waits, and an
 * API server that was just started, or a quota that was just made, is not known in all its parts yet.
 */
const passing =
  /cannot create resource|looking up service account|status unknown for quota|not yet ready to handle request/i;

/** Judges an error of a create. What is no error of the API server is `later`, too: the object may exist. */
export function judgeCreateError(error: unknown): CreateProblem {
  if (!(error instanceof KubernetesError) || isPassing(error)) return 'later';
  switch (error.status) {
    case 409:
      return error.reason === 'AlreadyExists' ? 'exists' : 'later';
    case 403:
      if (/exceeded quota/i.test(error.message)) return 'full';
      return passing.test(error.message) ? 'later' : 'refused';
    default:
      return 'refused';
  }
}
