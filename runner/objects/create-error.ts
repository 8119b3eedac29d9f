import { isPassing, KubernetesError } from '../../clients/kubernetes/kubernetes-error.ts';

/**
 * Why the API server did not create an object:
 * `exists` another object has the name; `full` a quota is used up for now; `later` another try may succeed;
 * `no-namespace` the namespace is gone or being deleted, so it may only succeed elsewhere; `refused` it never succeeds.
 */
export type CreateProblem = 'exists' | 'full' | 'later' | 'no-namespace' | 'refused';

/**
 * The 403 answers that may pass: missing rights and accounts can be added while the task waits, and an API server that
 * has just started, or a new quota, is not complete yet.
 */
const passing =
  /cannot create resource|looking up service account|status unknown for quota|not yet ready to handle request/i;

/** The API server's words about a namespace in which nothing can be created any more. */
const noNamespace = /because it is being terminated|namespaces "[^"]+" not found/i;

/** etcd's words, and those of the API server's client for it, about an object that is too large. They come with 500. */
const tooLarge = /request is too large|trying to send message larger than max/i;

/** Judges an error of a create. Errors that are not from the API server are `later`, too: the object may exist. */
export function judgeCreateError(error: unknown): CreateProblem {
  if (error instanceof KubernetesError && tooLarge.test(error.message)) return 'refused';
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
