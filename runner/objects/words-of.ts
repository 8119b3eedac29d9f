import { KubernetesError } from '../../clients/kubernetes/kubernetes-error.ts';
import { oneLine } from '../verdict/words.ts';

/** The words of the API server, or the message of any other error. */
export function wordsOf(error: unknown, clean = (words: string) => words): string {
  const isSaid = error instanceof KubernetesError && error.said !== '';
  return oneLine(clean(isSaid ? error.said : error instanceof Error ? error.message : String(error)));
}
