import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { judgeAudit } from './judge-audit.ts';

/* Runs `npm audit` on the lock file. Where the database cannot be asked it says so, and with AUDIT=required it fails. */
const root = join(import.meta.dirname, '..', '..');
const report = await new Promise<string>((resolve) => {
  // It ends with a failure when there are vulnerabilities, too: only its report tells one from the other.
  execFile(
    'npm',
    ['audit', '--json', '--package-lock-only'],
    { cwd: root, maxBuffer: 64 << 20 },
    (_, stdout) => resolve(stdout),
  );
});
const { outcome, text } = judgeAudit(report);
console.log(text);
if (outcome === 'vulnerable' || (outcome === 'unknown' && process.env.AUDIT === 'required'))
  process.exitCode = 1;
