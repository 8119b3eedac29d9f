import type { ReceivedRequest } from '../../runner-api/received-requests.ts';
import type { Probes } from './health-probe.ts';

/** The observations of a task. Times are in ms from the start of its process. */
export interface Recording {
  readonly lines: readonly { readonly at: number; readonly text: string }[];
  readonly probes: Probes;
  /** When /ready first answered 200. */
  readonly readyAt: number | undefined;
  readonly evictedAt: number | undefined;
  readonly exitedAt: number;
  readonly exitCode: number | null;
  /** What the runner API received. */
  readonly requests: readonly ReceivedRequest[];
}

/** The time of the first line that matches, or undefined. */
export function timeOf({ lines }: Recording, pattern: RegExp): number | undefined {
  return lines.find(({ text }) => pattern.test(text))?.at;
}

/** The number in the pattern's group in the first line that matches, or undefined. */
export function numberIn({ lines }: Recording, pattern: RegExp): number | undefined {
  const found = lines.map(({ text }) => pattern.exec(text)?.[1]).find((text) => text !== undefined);
  return found === undefined ? undefined : Number(found);
}

/** The first line of the sample agent, with the PID of its parent. */
export const agentStarted = /^started as PID \d+ by PID (\d+)/;
