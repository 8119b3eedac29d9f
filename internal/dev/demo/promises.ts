import { title, verdict } from './screen.ts';

/** The promises of a demo, in words, each with its proof in the observations. */
export type Promises<Seen> = Readonly<Record<string, (seen: Seen) => boolean>>;

/** Prints whether each promise was kept. @returns whether all were */
export function judge<Seen>(promises: Promises<Seen>, seen: Seen): boolean {
  title('Promised');
  const verdicts = Object.entries(promises).map(([promise, isKept]) => {
    const kept = isKept(seen);
    verdict(kept, promise);
    return kept;
  });
  return verdicts.every(Boolean);
}
