import { programs, type Supervisor } from './programs.ts';
import type { Behaviour } from './rows.ts';

/** The expected result of a row's act with a program. */
export function expectedOf(row: Behaviour, program: Supervisor): string {
  return row.differs?.[program] ?? row.holds;
}

/** The rows as a table for people, in Markdown. */
export function renderTable(rows: readonly Behaviour[]): string {
  const lines = [
    '# What inits do',
    '',
    '`acceptance/orchestrator/conformance` runs every row with every program. `./do test acceptance/orchestrator/conformance -u` writes this page.',
    'A result in bold differs from the expected one. The last column says why programs differ on purpose.',
    '`exit N` and `signal NAME` are reports of the orchestrator. `status N` is the exit status of a peer.',
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
