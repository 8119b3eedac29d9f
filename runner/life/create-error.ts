import { isPassing, KubernetesError } from '../../clients/kubernetes/kubernetes-error.ts';

/**
 * What to do about an object that the API server did not create:
 * `exists` something has its name; `full` a quota is used up for now; `later` it may succeed later; `no-namespace` not
 * here, as the namespace is being deleted or gone, but elsewhere; `refused` never.
 */
export type CreateProblem = 'exists' | 'full' | 'later' | 'no-namespace' | 'refused';

/**
 * Of what is forbidden only this may pass: rights and accounts that are missing can be given while the task waits, and an
 * API server that was just started, or a quota that was just made, is not known in all its parts yet.
 */
const passing =
  /cannot create resource|looking up service account|status unknown for quota|not yet ready to handle request/i;

/** What the API server says of a namespace in which nothing can be created any more. */
const noNamespace = /because it is being terminated|namespaces "[^"]+" not found/i;

/** Judges an error of a create. What is no error of the API server is `later`, too: the object may exist. */
export function judgeCreateError(error: unknown): CreateProblem {
  if (!(error instanceof KubernetesError) || isPassing(error)) return 'later';
  switch (error.status) {
    case 409:
      return error.reason === 'AlreadyExists' ? 'exists' : 'later';
    case 403:
      if (/exceeded quota/i.test(error.message)) return 'full';
      if (noNamespace.test(error.message)) return 'no-namespace';
      return passing.test(error.message) ? 'later' : 'refused';
    case 404:
      return noNamespace.test(error.message) ? 'no-namespace' : 'refused';
    default:
      return 'refused';
  }
}
