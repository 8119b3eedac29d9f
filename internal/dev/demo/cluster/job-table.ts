import { seconds, shorten } from '../screen.ts';
import type { JobState, Phase } from './describe-job.ts';
import type { TableLine } from './live-table.ts';

/** A job's line: its state, and the times of its last try's phases, in ms since it was submitted. */
export interface JobRow extends JobState {
  readonly name: string;
  readonly claimedMs?: number | undefined;
  readonly runningMs?: number | undefined;
  readonly endedMs?: number | undefined;
}

const reasonWidth = 100;

const columns: readonly {
  readonly title: string;
  readonly width: number;
  readonly text: (row: JobRow) => string;
}[] = [
  { title: 'JOB', width: 9, text: ({ name }) => name },
  { title: 'PHASE', width: 11, text: ({ phase }) => phase },
  { title: 'TRY', width: 3, text: ({ tries }) => (tries === 0 ? '' : String(tries)) },
  { title: 'NODE', width: 5, text: ({ node }) => node },
  { title: 'CLAIMED', width: 7, text: ({ claimedMs }) => time(claimedMs) },
  { title: 'RUNNING', width: 7, text: ({ runningMs }) => time(runningMs) },
  { title: 'ENDED', width: 7, text: ({ endedMs }) => time(endedMs) },
  { title: 'REASON', width: 0, text: ({ reason }) => shorten(reason, reasonWidth) },
];

export const tableHead = line((_, title) => title);

const colors: Partial<Record<Phase, TableLine['color']>> = {
  'handed back': 'magenta',
  failed: 'red',
  running: 'yellow',
  succeeded: 'green',
};

export function tableLine(row: JobRow): TableLine {
  const color = colors[row.phase];
  return { text: line((text) => text(row)), ...(color && { color }) };
}

/** All times begin with the submission, so that a line changes only when its job does. */
function time(ms: number | undefined): string {
  return ms === undefined ? '' : seconds(ms);
}

function line(cell: (text: (row: JobRow) => string, title: string) => string): string {
  return columns
    .map(({ text, title, width }) => cell(text, title).padEnd(width))
    .join('  ')
    .trimEnd();
}
