import { signalName } from './signals.ts';

/** How a child ended. */
export type ChildEnd =
  | { readonly exitCode: number }
  | { readonly signal: number; readonly coreDumped: boolean };

/** The end in words, for messages: `exit status 3`, `killed by SIGKILL`. */
export function describeEnd(end: ChildEnd): string {
  if ('exitCode' in end) return `exit status ${end.exitCode}`;
  return `killed by ${signalName(end.signal)}${end.coreDumped ? ' (core dumped)' : ''}`;
}

/** The end as fields of a log line, for alerts. */
export function endFields(end: ChildEnd): { exit_status: number } | { signal: string } {
  return 'exitCode' in end ? { exit_status: end.exitCode } : { signal: signalName(end.signal) };
}
