import { join } from 'node:path';

/** The task agent of the demos. */
export const sampleAgent = join(import.meta.dirname, 'sample-agent.sh');
