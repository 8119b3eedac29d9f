import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, inject, test } from 'vitest';
import { isPartFile } from '../../../init/fixtures/volume.ts';
import {
  Container,
  newName,
  runContainer,
  runLabels,
} from '../../../internal/dev/testing/containers/container.ts';
import { docker } from '../../../internal/dev/testing/containers/docker.ts';
import { listFiles } from '../../../internal/dev/testing/containers/image-files.ts';
import { initLimits } from '../../../internal/dev/testing/containers/limits.ts';
import { sendSignal } from '../../../internal/dev/testing/proc.ts';
import { waitFor } from '../../../internal/dev/testing/wait-for.ts';

const destination = '/opt/circleci/bin';
const image = () => `${inject('containers').prefix}/runner-init`;

/** A volume for one test. All users can write to it, as to an emptyDir of Kubernetes. */
class BinVolume implements AsyncDisposable {
  readonly #name = newName('bin');

  static async create(): Promise<BinVolume> {
    const volume = new BinVolume();
    await docker(['volume', 'create', ...runLabels(), volume.#name]);
    await volume.run('chmod 777 .');
    return volume;
  }

  mountedAt(path: string, mode = 'rw'): string {
    return `--volume=${this.#name}:${path}:${mode}`;
  }

  /** Runs the product's image on it. */
  init(...flags: readonly string[]) {
    return runContainer({ image: 'runner-init', flags: [this.mountedAt(destination), ...flags] });
  }

  /** Runs a shell script in it. @returns the lines of its output */
  async run(script: string): Promise<string[]> {
    const flags = [this.mountedAt('/volume'), '--workdir=/volume'];
    const { stdout } = await runContainer({ image: 'busybox', command: ['sh', '-c', script], flags });
    return stdout.trim().split('\n');
  }

  /** Its path on this machine. */
  folder(): Promise<string> {
    return docker(['volume', 'inspect', '--format', '{{.Mountpoint}}', this.#name]);
  }

  /** The names and modes of its files, and the checksums of their contents. */
  list(): Promise<string[]> {
    return this.run(`for f in $(ls -A); do stat -c '%n %A' $f; readlink $f || sha256sum <$f; done`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await docker(['volume', 'rm', '--force', this.#name]);
  }
}

/** The expected result of list(): both programs as they are in the image, and the link. */
async function bothPrograms(): Promise<string[]> {
  const container = newName('files');
  await docker(['create', '--name', container, ...runLabels(), image()]);
  const sums = ['circleci-agent', 'orchestrator'].map(async (name) => {
    const { stdout } = await promisify(execFile)('sh', [
      '-c',
      `docker cp ${container}:/${name} - | tar -xO | sha256sum`,
    ]);
    return stdout.trim();
  });
  const [agent = '', orchestrator = ''] = await Promise.all(sums);
  await docker(['rm', container]);
  const link = ['circleci lrwxrwxrwx', `${destination}/circleci-agent`];
  return [...link, 'circleci-agent -rwxr-xr-x', agent, 'orchestrator -rwxr-xr-x', orchestrator];
}

describe('the runner-init image', () => {
  test('has init as its entrypoint, and describes itself', async () => {
    const config = JSON.parse(await docker(['image', 'inspect', '--format', '{{json .Config}}', image()]));
    const labels = {
      'org.opencontainers.image.title': 'runner-init',
      'org.opencontainers.image.licenses': 'Apache-2.0',
    };
    expect(config).toMatchObject({ Entrypoint: ['/orchestrator', 'init'], Labels: labels });
    expect([config.Cmd ?? [], config.User ?? '']).toEqual([[], '']);
  });

  test('only has the two programs and the licences', async () => {
    expect(await listFiles(image())).toEqual([
      'LICENSE',
      'THIRD_PARTY_LICENSES',
      'circleci-agent',
      'orchestrator',
    ]);
  });
});

describe('init copies both programs', () => {
  test.each([
    ['as root', []],
    ['with the default limits', initLimits],
    ['as another user, with those limits', ['--user=1000', ...initLimits]],
    ['without capabilities and new privileges', ['--cap-drop=ALL', '--security-opt=no-new-privileges']],
    ['with a read-only root and 32 MiB', ['--read-only', '--memory=32m', '--memory-swap=32m']],
    ['without a network, with 32 pids', ['--network=none', '--pids-limit=32']],
  ])('%s', async (_title, flags) => {
    await using volume = await BinVolume.create();
    expect(await volume.init(...flags)).toMatchObject({ status: 0, stderr: '' });
    expect(await volume.list()).toEqual(await bothPrograms());
  });

  test('again while they run, and cleans up after an interrupted run', async () => {
    await using volume = await BinVolume.create();
    await volume.init();
    await using running = await Container.start({
      image: 'scratch',
      command: [`${destination}/circleci-agent`, 'say=running', 'forever'],
      flags: [volume.mountedAt(destination)],
    });
    await running.printed(/running/);
    await using interrupted = await Container.start({
      image: 'runner-init',
      flags: [volume.mountedAt(destination), '--cpus=0.02'],
    });
    const pid = await interrupted.running();
    // With so little CPU time, it takes seconds to write the file, but it may already be over for a command of docker.
    const folder = await volume.folder();
    await waitFor('half a file', () => readdirSync(folder).some(isPartFile), { everyMs: 0 });
    sendSignal(pid, 'SIGKILL');
    await interrupted.ended;
    expect(readdirSync(folder).filter(isPartFile)).toHaveLength(1);
    expect(await volume.init()).toMatchObject({ status: 0 });
    expect(await volume.list()).toEqual(await bothPrograms());
  });
});

describe('init fails with one line that names the place and the cause', () => {
  test.each([
    ['no volume', [], [], /\/opt\/circleci\/bin.*(not exist|no such|ENOENT)/i],
    [
      'a full volume',
      ['--tmpfs=/opt/circleci/bin:exec,size=1m'],
      [],
      /\/opt\/circleci\/bin.*(full|space|ENOSPC)/i,
    ],
    ['a noexec volume', ['--tmpfs=/opt/circleci/bin:noexec'], [], /\/opt\/circleci\/bin.*noexec/],
    ['a read-only volume', ['--volume=/opt/circleci/bin', '--read-only'], ['/', '/etc'], /\/etc/],
    ['no source', ['--volume=/opt/circleci/bin'], ['/nowhere'], /\/nowhere\/orchestrator/],
    [
      'a user who may not write',
      ['--volume=/opt/circleci/bin', '--user=1000'],
      [],
      /\/opt\/circleci\/bin.*EACCES/,
    ],
  ])('%s', async (_title, flags, args, line) => {
    const { status, stdout } = await runContainer({ image: 'runner-init', command: args, flags });
    expect(status).toBe(1);
    expect(stdout.split('\n').filter((text) => line.test(text) && text.includes('ERROR'))).toHaveLength(1);
  });
});
