import type { ObjectMeta } from 'kubernetes-types/meta/v1.d.ts';
import * as z from 'zod/mini';
import type { KubernetesObject } from '../../clients/kubernetes/read-answer.ts';
import { annotations, labels } from '../names/names.ts';
import { findProblem } from '../schema/describe-issue.ts';
import type { KnownMetadata } from '../verdict/known-pod.ts';
import { lockAnnotations } from './lock.ts';

/** The part of an object's metadata that a sweep needs. Thousands of whole ones would fill the memory. */
export interface FoundObject {
  readonly metadata: KnownMetadata;
}

export interface FoundPod extends FoundObject {
  /** What is wrong with its metadata. Then nothing is known of it but its name, if it has one. */
  readonly problem?: string;
}

const text = z.optional(z.string());
const texts = z.optional(z.record(z.string(), z.string()));
const metadata = z.object({
  name: z.string(),
  uid: text,
  labels: texts,
  annotations: texts,
  creationTimestamp: text,
  deletionTimestamp: text,
});
const objectShape = z.object({ metadata });

/**
 * Extracts the part of a Secret that a sweep needs.
 *
 * @throws Error if the Secret is malformed. It may say that a task is not over, or who has it, so nothing can be decided
 *   without it
 */
export function foundSecret(secret: KubernetesObject): FoundObject {
  const problem = findProblem(objectShape, secret);
  const known = secret.metadata ?? {};
  if (problem !== undefined) throw new Error(`the Secret ${nameOf(known)} is malformed: ${problem}`);
  return { metadata: foundMetadata(known) };
}

/** Extracts the part of a Pod that a sweep needs. */
export function foundPod(pod: KubernetesObject): FoundPod {
  const problem = findProblem(objectShape, pod);
  const known = pod.metadata ?? {};
  if (problem === undefined) return { metadata: foundMetadata(known) };
  const name = nameOf(known);
  return { metadata: name === '' ? {} : { name }, problem };
}

const readLabels: ReadonlySet<string> = new Set([labels.instance]);
const readAnnotations: ReadonlySet<string> = new Set([annotations.taskId, ...Object.values(lockAnnotations)]);

/** What a sweep reads of an object's metadata. */
function foundMetadata({
  creationTimestamp,
  deletionTimestamp,
  name,
  uid,
  ...its
}: ObjectMeta): KnownMetadata {
  return {
    labels: pick(its.labels, readLabels),
    annotations: pick(its.annotations, readAnnotations),
    ...(name === undefined ? {} : { name }),
    ...(uid === undefined ? {} : { uid }),
    ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
    ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
  };
}

function pick(
  texts: Readonly<Record<string, string>> = {},
  names: ReadonlySet<string>,
): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).filter(([name]) => names.has(name)));
}

function nameOf({ name }: { readonly name?: unknown }): string {
  return typeof name === 'string' ? name : '';
}
