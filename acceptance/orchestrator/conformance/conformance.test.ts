import { describe, expect, test } from 'vitest';
import { canLimitProcesses } from '../../../internal/dev/testing/cgroup.ts';
import { pathOf, programs } from './programs.ts';
import { rows } from './rows.ts';
import { expectedOf, renderTable } from './table.ts';

/** Enough for a few hundred tasks for one row on a busy machine. */
const limitMs = 600_000;

const installed = programs.filter((program) => program === 'orchestrator' || pathOf(program) !== undefined);
const missing = programs.filter((program) => !installed.includes(program));
if (missing.length > 0) {
  console.warn(`not compared, as they are not installed (apt-get install them): ${missing.join(', ')}`);
}
const possible = rows.filter(({ needsCgroup = false }) => canLimitProcesses || !needsCgroup);

for (const program of programs) {
  describe(program, { tags: program === 'orchestrator' ? [] : ['not-emulated/other-inits'] }, () => {
    for (const row of possible) {
      const tags = row.notEmulated === undefined ? [] : [row.notEmulated];
      test.runIf(installed.includes(program))(row.behaviour, { tags, timeout: limitMs }, async () => {
        expect(await row.act(program)).toBe(expectedOf(row, program));
      });
    }
  });
}

test('the documentation has this table', async () => {
  await expect(renderTable(rows)).toMatchFileSnapshot('../../../docs/orchestrator/conformance.md');
});
