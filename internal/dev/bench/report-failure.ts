import { mkdtempDisposableSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startFakeRunnerApi } from '../runner-api/fake-runner-api.ts';
import { createAuthority } from '../testing/tls-fixtures.ts';
import { accountMemory } from './account-memory.ts';
import type { Figures } from './measures.ts';
import { said, startProbe, timeOfEnd } from './subjects.ts';

/**
 * The time from the end of a failed agent to the end of the program, ms, and the memory for that. In between,
 * the program reports the failure.
 */
export async function reportOfFailure(): Promise<Figures> {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'bench-'));
  const certificates = join(folder.path, 'ca.pem');
  const authority = await createAuthority();
  writeFileSync(certificates, authority.certificate);
  await using api = await startFakeRunnerApi({ tls: await authority.issue() });
  await using account = await accountMemory();
  await using run = await startProbe(
    'orchestrator',
    { verb: 'fail' },
    {
      through: account?.enter ?? [],
      env: { SSL_CERT_FILE: certificates },
      config: { runner_api_base_url: api.url },
    },
  );
  const end = timeOfEnd(run);
  const failed = (await said(run, 'now_ns')) / 1e6;
  const report = (await end) - failed;
  if (api.requests.length !== 1) throw new Error('the failure was not reported');
  return { report, ...(account && { reportPeak: account.mostChargedBytes() / 2 ** 20 }) };
}
