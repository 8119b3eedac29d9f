import { type Program, programs } from './programs.ts';
import type { Row } from './rows.ts';

/** What is to come of a row's act with a program. */
export function expectedOf(row: Row, program: Program): string {
  return row.differs?.[program] ?? row.holds;
}

/** The rows as a table for people, in Markdown. */
export function renderTable(rows: readonly Row[]): string {
  const lines = [
    '# What inits do',
    '',
    'Made by `acceptance/orchestrator/conformance`, which runs every row with every program: `./do test acceptance/orchestrator/conformance -u` writes it anew.',
    'What stands in bold differs from the first column; the last one says why, where somebody differs on purpose.',
    '`exit N` and `signal NAME` are what the orchestrator reports; `status N` is what a peer itself exits with.',
    '',
    `| An init … | expected | ${programs.join(' | ')} | why they differ |`,
    `|---|---|${programs.map(() => '---|').join('')}---|`,
    ...rows.map((row) => {
      const cells = programs.map((program) => {
        const expected = expectedOf(row, program);
        return expected === row.holds ? 'holds' : `**${expected}**`;
      });
      return `| ${[row.behaviour, row.holds, ...cells, row.why ?? ''].join(' | ')} |`;
    }),
  ];
  return `${lines.join('\n')}\n`;
}
