import { join } from 'node:path';
import { execa } from 'execa';
import type { Namespace } from 'kubernetes-types/core/v1.d.ts';
import { expect, test } from 'vitest';
import { readObject } from '../../internal/dev/cluster/api-server.ts';
import { repository } from '../../internal/packer/repository.ts';
import { expectRights, requestsFrom } from './container-agent/conduct.ts';

const demo = join(repository, 'internal', 'dev', 'demo', 'demo.ts');

test('the demo of the container runner shows what it promises, and leaves no namespace behind', async () => {
  const startMs = Date.now();
  const { stdout, exitCode } = await execa(process.execPath, [demo, 'cluster'], { reject: false });
  expect(stdout.split('\n').filter((line) => line.includes('NOT SO'))).toEqual([]);
  for (const line of [
    /^plain +succeeded +1 +node +\S+ s +\S+ s +\S+ s$/m,
    /^services +succeeded +1 /m,
    /^fails +failed +1 .*exit status 3/m,
    /^no-image +failed +1 .*no-such-image/m,
    /^evicted +ending +1 .*EvictionByEvictionAPI/m,
    /^evicted +handed back +1 /m,
    /^evicted +succeeded +2 /m,
    /step "Container localhost\/database:demo": success\n +database: ready for connections/,
  ]) {
    expect(stdout).toMatch(line);
  }
  expect(stdout).toContain('Promised');
  expect(exitCode).toBe(0);
  const [, namespace = 'none'] = /in the namespace (demo-\w+)/.exec(stdout) ?? [];
  await expectRights(await requestsFrom(namespace, startMs));
  const left = (await readObject(`/api/v1/namespaces/${namespace}`)) as Namespace | undefined;
  expect({ namespace, phase: left?.status?.phase ?? 'Terminating' }).toEqual({
    namespace: expect.stringMatching(/^demo-/),
    phase: 'Terminating',
  });
});

test('without root, the demo says in one line what it needs', async () => {
  const nobody = ['--reuid=65534', '--clear-groups', join(repository, 'do'), 'demo', 'cluster'];
  const { stdout, stderr, exitCode } = await execa('setpriv', nobody, { reject: false });
  expect({ stdout, stderr, exitCode }).toEqual({
    stdout: '',
    stderr: 'do: the demo on a cluster needs root on Debian: it makes namespaces and installs packages',
    exitCode: 1,
  });
});
