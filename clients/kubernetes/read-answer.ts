import type { ObjectMeta } from 'kubernetes-types/meta/v1.d.ts';
import { NoAnswerError } from './kubernetes-error.ts';

/* What counts as the answer to a request. Something else may have answered with a success. */

/** An object of any kind, as the API server sends it. */
export interface KubernetesObject {
  readonly metadata?: ObjectMeta;
}

/** A part of a list. */
export interface ListPage<T> {
  readonly items: readonly T[];
  readonly resourceVersion: string;
}

/** @throws NoAnswerError if the answer is not the requested object */
export function requireName<T extends KubernetesObject>(answer: object, name: string | undefined): T {
  const object = answer as T;
  if (object.metadata?.name === name) return object;
  throw new NoAnswerError(`the Kubernetes API answered with an object other than ${name}`);
}

/**
 * @returns the deleted object, or undefined if the answer only confirms the deletion
 * @throws NoAnswerError if the answer is neither
 */
export function requireDeletion<T extends KubernetesObject>(answer: object, name: string): T | undefined {
  return (answer as { kind?: unknown }).kind === 'Status' ? undefined : requireName<T>(answer, name);
}

/** @throws NoAnswerError if the answer is not a list */
export function readPage<Item>(answer: object, resource: string): ListPage<Item> & { readonly next: string } {
  const { items, kind, metadata } = answer as {
    items?: unknown;
    kind?: unknown;
    metadata?: Record<string, unknown> | null;
  };
  // Go encodes a list without items as null.
  const list = items ?? [];
  const isList = typeof kind === 'string' && kind.endsWith('List');
  if (!isList || !Array.isArray(list) || list.some((item) => typeof item !== 'object' || item === null))
    throw new NoAnswerError(
      `cannot list ${resource} at the Kubernetes API: the answer is not a list of objects`,
    );
  const { continue: next, resourceVersion } = metadata ?? {};
  return { items: list, resourceVersion: textOf(resourceVersion), next: textOf(next) };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
