import { execFileSync } from 'node:child_process';
import { requireContainerTests } from '../../variables.ts';

/** Whether a Docker engine answers. */
export function engineAnswers(): boolean {
  try {
    const format = ['--format', '{{.Server.Version}}'];
    execFileSync('docker', ['version', ...format], {
      stdio: ['ignore', 'ignore', 'ignore'],
      timeout: 20_000,
    });
    return true;
  } catch {
    return false;
  }
}

/** Whether a run includes container tests: if an engine answers, or if they are required. */
export function containerTestsWanted(): boolean {
  return requireContainerTests || engineAnswers();
}
