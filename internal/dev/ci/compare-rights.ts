import { readFileSync } from 'node:fs';
import { readPermissionsPage } from '../docs/permissions-page.ts';
import { readAuditLog } from '../testing/cluster/audit-log.ts';
import { judgeRights } from './judge-rights.ts';

/**
 * For ./do compare-rights: reads the container runner's requests to the API server since the start of a vitest report's
 * run.
 */
const [file = ''] = process.argv.slice(2);
const { startTime }: { startTime: number } = JSON.parse(readFileSync(file, 'utf8'));
const requests = (await readAuditLog('"system:serviceaccount:', startTime)).filter(
  ({ requestReceivedTimestamp }) => Date.parse(requestReceivedTimestamp) >= startTime,
);
const { counts, problems } = judgeRights(requests, readPermissionsPage());
console.log(counts.join('\n'));
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
