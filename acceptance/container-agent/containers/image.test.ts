import { describe, expect, inject, test } from 'vitest';
import { parse } from 'yaml';
import { runContainer } from '../../../internal/dev/testing/containers/container.ts';
import { docker } from '../../../internal/dev/testing/containers/docker.ts';
import { listFiles } from '../../../internal/dev/testing/containers/image-files.ts';

const name = 'container-agent';
const image = () => `${inject('containers').prefix}/${name}`;

/** The restrictions of the strictest kind of Pod, and no network at all. */
const confined = [
  '--read-only',
  '--cap-drop=ALL',
  '--security-opt=no-new-privileges',
  '--network=none',
  '--pids-limit=32',
];

function run(command: readonly string[], flags: readonly string[] = [], stdin?: string) {
  return runContainer({ image: name, command, flags: [...confined, ...flags] }, stdin);
}

test('the image starts the controller as a user other than root, and describes itself', async () => {
  const config = JSON.parse(await docker(['image', 'inspect', '--format', '{{json .Config}}', image()]));
  expect(config).toMatchObject({
    Entrypoint: ['/container-agent'],
    User: '65532:65532',
    Labels: {
      'org.opencontainers.image.title': 'container-agent',
      'org.opencontainers.image.licenses': 'Apache-2.0',
    },
  });
  expect(config.Cmd ?? []).toEqual([]);
});

test('the image only has the program and the licences', async () => {
  expect(await listFiles(image())).toEqual(['LICENSE', 'THIRD_PARTY_LICENSES', 'container-agent']);
});

describe('with a read-only root and without a network, capabilities and new privileges, as PID 1', () => {
  test.each([
    ['as the user of the image', []],
    ['as another user', ['--user=1000:2000']],
  ])('says in one line that it has no credentials, and ends with 80, %s', async (_title, flags) => {
    const { status, stderr } = await run([], flags);
    expect({ status, stderr }).toEqual({
      status: 80,
      stderr: expect.stringMatching(
        /^container-agent: There are no credentials for the Kubernetes API: .*\n$/,
      ),
    });
  });

  test('prints its version', async () => {
    expect(await run(['--version'])).toEqual({
      status: 0,
      stdout: expect.stringMatching(/^container-agent \S+ \(commit \S+, built \S+\)\n$/),
      stderr: '',
    });
  });

  test('reads a task Pod configuration from stdin, and prints the Pod of each class', async () => {
    const file = 'resourceClasses: {ns.small: {spec: {nodeSelector: {size: small}}}}';
    const { status, stdout, stderr } = await run(['check', '-'], [], file);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(parse(stdout)).toMatchObject({ kind: 'Pod', spec: { nodeSelector: { size: 'small' } } });
  });
});
