import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { containerAgent } from '../../internal/dev/testing/executable.ts';
import type { EndedProgram } from '../../internal/dev/testing/running-program.ts';
import { scratchFolder } from '../../internal/dev/testing/scratch-folder.ts';
import { startProgram } from '../../internal/dev/testing/start-program.ts';
import { untilTestEnds } from '../../internal/dev/testing/until-test-ends.ts';
import { repository } from '../../internal/packer/repository.ts';

async function run(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<EndedProgram> {
  return untilTestEnds(await startProgram([containerAgent, ...args], { env })).result();
}

/** One line on stderr, status 80. */
const mistake = { status: 80, signal: null, stderr: expect.stringMatching(/^container-agent: [^\n]+\n$/) };

test.each([
  ['help', ['--help']],
  ['help', ['-h']],
  ['help-collect-logs', ['collect-logs', '--help']],
  ['help-check', ['check', '-h']],
])('%s.txt is what %j prints', async (name, args) => {
  const golden = await readFile(
    join(repository, 'cmd', 'container-agent', 'testdata', `${name}.txt`),
    'utf8',
  );
  expect(await run(args)).toEqual({ status: 0, signal: null, stdout: golden, stderr: '' });
});

test('--version prints one line and ends with 0', { tags: ['quick'] }, async () => {
  const result = await run(['--version']);
  expect(result).toMatchObject({ status: 0, stderr: '' });
  expect(result.stdout).toMatch(/^container-agent \S+ \(commit \S+, built \S+\)\n$/);
});

describe('usage errors say what is wrong in one line and end with 80:', () => {
  test.each([
    ['an unknown command', ['frobnicate'], /frobnicate/],
    ['an unknown option', ['--frobnicate'], /--frobnicate/],
    ['an option of another command', ['--image=x'], /--image/],
    ['one argument too many', ['collect-logs', 'x'], /collect-logs/],
    ['check without a file', ['check'], /config/],
    ['an option without its value', ['check', 'x', '--class'], /--class/],
  ])('%s', async (_title, args, complaint) => {
    const result = await run(args);
    expect(result).toEqual({ ...mistake, stdout: '' });
    expect(result.stderr).toMatch(complaint);
  });
});

test.each([
  ['a usage error', ['frobnicate'], {}, /^Unknown command "frobnicate"/],
  ['a variable', [], { MAX_RUN_TIME: '5' }, /^MAX_RUN_TIME: "5" is not a duration/],
])('%s is one JSON object on stderr if O11Y_FORMAT is json', async (_title, args, env, msg) => {
  const { status, stderr } = await run(args, { ...env, O11Y_FORMAT: 'json' });
  expect(status).toBe(80);
  expect(JSON.parse(stderr)).toEqual({
    level: 'error',
    code: 'usage',
    time: expect.any(String),
    msg: expect.stringMatching(msg),
  });
});

describe('a controller that cannot start says why in one line and ends with 80:', () => {
  test('it has no credentials', async () => {
    const result = await run([]);
    expect(result).toMatchObject(mistake);
    expect(result.stderr).toContain('KUBERNETES_SERVICE_HOST is missing, and KUBECONFIG is not set');
  });

  test.each([
    ['is missing', undefined, /ENOENT/],
    ['is not YAML', '{', /flow map/i],
    ['has no context', '{}', /context/],
  ])('its kubeconfig %s', async (_title, content, reason) => {
    const KUBECONFIG = join(scratchFolder(), 'kubeconfig');
    if (content !== undefined) await writeFile(KUBECONFIG, content);
    const result = await run([], { KUBECONFIG });
    expect(result).toMatchObject(mistake);
    expect(result.stderr).toContain(KUBECONFIG);
    expect(result.stderr).toMatch(reason);
  });

  test.each([
    ['MAX_CONCURRENT_TASKS', '0'],
    ['MAX_RUN_TIME', 'soon'],
    ['KUBE_GC_INTERVAL', '3'],
    ['KUBE_AUTODETECT_PLATFORM', 'maybe'],
    ['O11Y_FORMAT', 'xml'],
    ['O11Y_LEVEL', 'loud'],
    ['RUNNER_API', 'runner.example.com'],
    ['RUNNER_HEALTH_ADDR', 'nowhere'],
  ])('%s=%s', async (name, value) => {
    const result = await run([], { [name]: value });
    expect(result).toMatchObject(mistake);
    expect(result.stderr).toContain(name);
  });

  test('collect-logs has an unusable variable, and there is no warning about its own variables', async () => {
    const variables = { RUNNER_POD_NAME: 'p', RUNNER_POD_NAMESPACE: 'n', RUNNER_SERVICES: 'none' };
    const result = await run(['collect-logs'], variables);
    expect(result).toMatchObject(mistake);
    expect(result.stdout).not.toContain('RUNNER_POD_NAME');
  });

  test('collect-logs runs outside of the Pod of a task', async () => {
    const result = await run(['collect-logs']);
    expect(result).toMatchObject(mistake);
    expect(result.stderr).toContain('collect-logs runs in the Pod of a task');
  });
});

describe('check', () => {
  const classes = 'resourceClasses: {ns.small: null, ns.large: {spec: {nodeSelector: {size: large}}}}';

  test('prints the Pod of each class, and warns on stderr', { tags: ['quick'] }, async () => {
    const file = join(scratchFolder(), 'taskpods');
    await writeFile(file, `${classes}\nresourceClass: {}\n`);
    const { status, stdout, stderr } = await run(['check', file]);
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: expect.stringMatching(/^container-agent: .*resourceClass\b.*\n$/),
    });
    expect(stdout).toMatch(/^# ns\.small\n[\s\S]*\n---\n# ns\.large\n[\s\S]*size: large\n/);
  });

  test.each([
    ['not YAML', '{', /taskpods/],
    ['a class that is not an object', 'resourceClasses: {ns.small: 1}', /ns\.small/],
    [
      'a text that is not a quantity',
      'runnerInitResources: {limits: {memory: much}}',
      /runnerInitResources.*memory/,
    ],
    [
      'an invalid expression',
      'serviceContainers: {pattern: [{imageMatch: "(", spec: {}}]}',
      /serviceContainers/,
    ],
  ])('refuses %s in one line', async (_title, text, complaint) => {
    const file = join(scratchFolder(), 'taskpods');
    await writeFile(file, text);
    const result = await run(['check', file]);
    expect(result).toEqual({ ...mistake, stdout: '' });
    expect(result.stderr).toMatch(complaint);
  });

  test('refuses a file that cannot be read in one line', async () => {
    const result = await run(['check', '/no/such/file']);
    expect(result).toEqual({ ...mistake, stdout: '' });
    expect(result.stderr).toContain('/no/such/file');
  });
});
