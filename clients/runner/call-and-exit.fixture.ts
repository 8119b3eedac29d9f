import { readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { createRunnerClient } from './client.ts';

// Makes calls and prints how they ended and what still keeps the process alive; it must then end by itself.
// SIGTERM interrupts them.
const [, , baseUrl = '', caFile = '', proxy = ''] = process.argv;
const abort = new AbortController();
const client = createRunnerClient({
  baseUrl,
  userAgent: 'CircleCI-GOAT/test',
  proxy: { HTTPS_PROXY: proxy },
  ca: caFile ? [readFileSync(caFile, 'utf8')] : [],
  signal: abort.signal,
  // Far longer than an attempt takes, and longer than the process may take to end.
  limits: { attemptMs: 600_000, totalMs: 600_000 },
});
const before = process.getActiveResourcesInfo();
process.once('SIGTERM', () => abort.abort());
const taskToken = 'test-token';
const [unclaim, fail] = await Promise.allSettled([
  client.unclaim({ taskToken, taskId: 'task' }),
  client.fail({ taskToken, allocation: 'alloc', timestampMs: 0, message: '' }),
]);
await client.close();
await setImmediate(); // Node frees a TLS connection's state in an immediate after its end.
const left = process.getActiveResourcesInfo();
for (const resource of before) if (left.includes(resource)) left.splice(left.indexOf(resource), 1);
const reason = unclaim.status === 'rejected' ? unclaim.reason.message : '';
process.stdout.write(JSON.stringify({ ended: [unclaim.status, fail.status], reason, left }));
