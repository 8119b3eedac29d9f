import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startFakeRunnerApi } from '../runner-api/fake-runner-api.ts';
import { createAuthority } from '../testing/tls-fixtures.ts';
import type { Figures } from './measures.ts';
import { makeMemoryCgroup } from './memory-cgroup.ts';
import { start } from './subjects.ts';

/** From the end of an agent that fails to the program's, which reports it meanwhile, ms; and the memory that takes. */
export async function reportFailure(): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const authority = await createAuthority();
  const api = await startFakeRunnerApi({ tls: await authority.issue() });
  const cgroup = makeMemoryCgroup(`orchestrator-bench-${process.pid}-report`);
  try {
    const certificates = join(folder, 'ca.pem');
    writeFileSync(certificates, authority.certificate);
    const run = start('orchestrator', 'fail', 0, {
      wrapper: cgroup?.wrapper,
      variables: { SSL_CERT_FILE: certificates },
      config: { runner_api_base_url: api.url },
    });
    const failed = (await run.said('now_ns')) / 1e6;
    const report = (await run.ended) - failed;
    if (api.requests.length !== 1) throw new Error('the failure was not reported');
    return { report, ...(cgroup && { reportPeak: cgroup.mostChargedBytes() / 2 ** 20 }) };
  } finally {
    await api.close();
    await cgroup?.remove();
    rmSync(folder, { recursive: true });
  }
}
