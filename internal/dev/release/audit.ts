import { execFile } from 'node:child_process';
import { repository } from '../../packer/repository.ts';
import { judgeAudit } from './judge-audit.ts';

/* Runs `npm audit` on the lock file. Where the database cannot be asked it says so, and with AUDIT=required it fails. */
const report = await new Promise<string>((resolve) => {
  // It ends with a failure when there are vulnerabilities, too: only its report tells one from the other.
  execFile(
    'npm',
    ['audit', '--json', '--package-lock-only'],
    { cwd: repository, maxBuffer: 64 << 20 },
    (_, stdout) => resolve(stdout),
  );
});
const { outcome, text } = judgeAudit(report);
console.log(text);
if (outcome === 'vulnerable' || (outcome === 'unknown' && process.env.AUDIT === 'required'))
  process.exitCode = 1;
