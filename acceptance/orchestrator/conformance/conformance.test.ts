import { describe, expect, test } from 'vitest';
import { canLimitProcesses } from '../../../internal/dev/testing/cgroup.ts';
import { pathOf, programs } from './programs.ts';
import { rows } from './rows.ts';
import { expectedOf, renderTable } from './table.ts';

/** Some hundred tasks for one row, on a machine that is busy. */
const limitMs = 600_000;

const installed = programs.filter((program) => program === 'orchestrator' || pathOf(program) !== undefined);
const missing = programs.filter((program) => !installed.includes(program));
if (missing.length > 0) {
  console.warn(`not compared, as they are not installed (apt-get install them): ${missing.join(', ')}`);
}
const possible = rows.filter(({ needsCgroup = false }) => canLimitProcesses || !needsCgroup);

describe.each(programs)('%s', (program) => {
  test.runIf(installed.includes(program)).each(possible)(
    '$behaviour',
    async (row) => {
      expect(await row.act(program)).toBe(expectedOf(row, program));
    },
    limitMs,
  );
});

test('the documentation has this table', async () => {
  await expect(renderTable(rows)).toMatchFileSnapshot('../../../docs/orchestrator/conformance.md');
});
