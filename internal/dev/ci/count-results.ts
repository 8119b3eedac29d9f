import { readFileSync } from 'node:fs';
import { judgeReport } from './judge-report.ts';

/**
 * For ./do count-results: prints how many tests of a vitest report have passed, and fails if the run has
 * problems.
 */
const [file = ''] = process.argv.slice(2);
const { counts, problems } = judgeReport(JSON.parse(readFileSync(file, 'utf8')));
console.log(counts.join('\n'));
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
