import { join } from 'node:path';
import { hostArchitecture } from '../launcher/architecture.ts';

/** The built executable: that of `./do build`, unless the environment names another one. */
export const executable =
  process.env.ORCHESTRATOR ??
  join(import.meta.dirname, '..', '..', 'target', 'bin', 'linux', hostArchitecture(), 'orchestrator');
