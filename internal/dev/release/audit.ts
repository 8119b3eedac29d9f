import { execFile } from 'node:child_process';
import { repository } from '../../packer/repository.ts';
import { requireAudit } from '../variables.ts';
import { judgeAudit } from './judge-audit.ts';

/*
 * Runs `npm audit` on the lock file. If the database cannot be reached, it says so. With AUDIT=required it
 * then fails.
 */
const report = await new Promise<string>((resolve) => {
  // It also fails if there are vulnerabilities. Only its report shows the difference.
  execFile(
    'npm',
    ['audit', '--json', '--package-lock-only'],
    { cwd: repository, maxBuffer: 64 << 20 },
    (_, stdout) => resolve(stdout),
  );
});
const { outcome, text } = judgeAudit(report);
console.log(text);
if (outcome === 'vulnerable' || (outcome === 'unknown' && requireAudit)) process.exitCode = 1;
