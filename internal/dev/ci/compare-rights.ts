import { readFileSync } from 'node:fs';
import { readPermissionsPage } from '../docs/permissions-page.ts';
import { readAuditLog } from '../testing/cluster/audit-log.ts';
import { judgeRights } from './judge-rights.ts';

/**
 * For ./do compare-rights: reads what the container runner has asked of the API server since the run of a vitest report began.
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
