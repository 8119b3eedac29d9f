import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildFakeAgent } from '../../internal/dev/testing/build-fake-agent.ts';
import { scratchFolder } from '../../internal/dev/testing/scratch-folder.ts';
import { taskLives } from './run-orchestrator.ts';
import { runTaskToEnd, type TaskToRun } from './start-task.ts';

const agentDirectory = async () => dirname(await buildFakeAgent());

/** Runs a task in exactly this environment, and returns the environments of the agent and the entrypoint. */
async function childEnvironments(
  entries: readonly (string | Buffer)[],
  task: TaskToRun = {},
): Promise<{ agent: string[]; entrypoint: string[]; status: number | null }> {
  const directory = scratchFolder();
  const file = (name: string) => join(directory, name);
  const fakeAgent = await buildFakeAgent();
  const config = JSON.stringify({
    cmd: [fakeAgent, `into=${file('entrypoint')}`, 'print=/proc/self/environ', `touch=${file('done')}`],
    task_agent_path: `${fakeAgent} wait-file=${file('done')} into=${file('agent')} print=/proc/self/environ`,
    token: 'the-token-of-this-task',
    ...task.config,
  });
  const block = [...entries, `CIRCLECI_GOAT_CONFIG=${config}`].map((entry) =>
    Buffer.concat([Buffer.from(entry), Buffer.alloc(1)]),
  );
  await writeFile(file('environment'), Buffer.concat(block));
  const through = [fakeAgent, `exec-env=${file('environment')}`];
  const { status } = await runTaskToEnd({ ...task, through });
  const read = async (name: string) => (await readFile(file(name), 'latin1')).split('\0').slice(0, -1);
  return { agent: await read('agent'), entrypoint: await read('entrypoint'), status };
}

const sorted = (entries: readonly string[]) => [...entries].sort();

describe.each(taskLives)('children of an orchestrator, %s,', (life) => {
  test('get the environment byte for byte, with odd entries, duplicates and the order', {
    tags: ['not-emulated/environment'],
  }, async () => {
    const odd = [
      'PATH=/bin',
      'B=2',
      'A=1',
      'B=again',
      'EMPTY=',
      '=starts with an equals sign',
      'no equals sign',
      '',
      'NEWLINES=one\ntwo\n',
      'BLANKS=  a  b ',
      Buffer.from('BYTES=\xff\xfe\x80\xc3\x28', 'latin1'),
      Buffer.from('N\xe4me=x', 'latin1'),
      'UTF8=größer 漢字 🙂',
      `LONG=${'x'.repeat(100_000)}`,
      'LAST=1',
    ];
    const expected = odd.map((entry) => Buffer.from(entry).toString('latin1'));
    const { agent, entrypoint, status } = await childEnvironments(odd, { life });
    expect(status).toBe(0);
    expect(entrypoint).toEqual(expected);
    expect(agent).toEqual([`PATH=/bin:${await agentDirectory()}`, ...expected.slice(1)]);
  });

  test('get no variable of the orchestrator', async () => {
    const own = [
      'CIRCLECI_GOAT=1',
      'CIRCLECI_GOAT_SHUTDOWN_DELAY=0s',
      'CIRCLECI_GOAT_ANYTHING=x',
      'CIRCLECI_GOATS=x',
    ];
    const others = ['CIRCLECI=true', 'circleci_goat_config=lower', 'MY_CIRCLECI_GOAT=x', 'GOAT=x'];
    const { agent, entrypoint } = await childEnvironments(['PATH=/bin', ...own, ...others], { life });
    expect(sorted(entrypoint)).toEqual(sorted(['PATH=/bin', ...others]));
    expect(sorted(agent)).toEqual(sorted([`PATH=/bin:${await agentDirectory()}`, ...others]));
  });

  test('get variables that would affect the orchestrator, but do not', async () => {
    const hostile = [
      'NODE_OPTIONS=--require=/nowhere.js --inspect=0.0.0.0:9229',
      'NODE_REPL_EXTERNAL_MODULE=/nowhere.js',
      'NODE_EXTRA_CA_CERTS=/nowhere.pem',
      'NODE_PATH=/nowhere',
      'NODE_DEBUG=net,http,fs',
      'NODE_V8_COVERAGE=/nowhere',
      'NODE_TLS_REJECT_UNAUTHORIZED=0',
      'NODE_PENDING_DEPRECATION=1',
      'NODE_CHANNEL_FD=3',
      'NODE_UNIQUE_ID=1',
      'LD_DEBUG=all',
      'LD_PRELOAD=/nowhere.so',
      'LD_LIBRARY_PATH=/nowhere',
      'LD_BIND_NOW=1',
      'LD_AUDIT=/nowhere.so',
      'GLIBC_TUNABLES=glibc.malloc.check=3',
      'MALLOC_ARENA_MAX=1',
      'OPENSSL_CONF=/nowhere.cnf',
      'SSLKEYLOGFILE=/nowhere.log',
      'UV_THREADPOOL_SIZE=1',
      'UV_USE_IO_URING=1',
      'LAUNCHER_HANDOFF=environ=0 ignored=ffffffffffffffff nofile=1:1',
      'LC_ALL=xx_XX.UTF-8',
      'TZ=:/nowhere',
      'ICU_DATA=/nowhere',
      'FORCE_COLOR=1',
    ];
    const { agent, entrypoint, status } = await childEnvironments(['PATH=/bin', ...hostile], { life });
    expect(status).toBe(0);
    expect(sorted(entrypoint)).toEqual(sorted(['PATH=/bin', ...hostile]));
    expect(sorted(agent)).toEqual(sorted([`PATH=/bin:${await agentDirectory()}`, ...hostile]));
  });
});

test.each([
  ['another directory', 'PATH=/usr/bin', (own: string) => `PATH=/usr/bin:${own}`],
  ['an empty element at its end', 'PATH=/usr/bin:', (own: string) => `PATH=/usr/bin::${own}`],
])('PATH with %s is extended at its end', async (_title, path, expected) => {
  expect((await childEnvironments([path])).agent[0]).toBe(expected(await agentDirectory()));
});

test('a missing or empty PATH at least leads to the agent', async () => {
  const own = await agentDirectory();
  for (const entries of [['A=1'], ['PATH=', 'A=1']]) {
    const { agent } = await childEnvironments(entries);
    const [, path = ''] = agent.find((entry) => entry.startsWith('PATH='))?.split('=') ?? [];
    expect(path.split(':').at(-1)).toBe(own);
  }
});

test('PATH of the entrypoint is unchanged', async () => {
  expect((await childEnvironments(['PATH=/usr/bin'])).entrypoint[0]).toBe('PATH=/usr/bin');
});

test('PATH is unchanged if the agent names no directory', async () => {
  const directory = scratchFolder();
  const file = join(directory, 'environ');
  await writeFile(join(directory, 'agent'), `#!/bin/sh\ncat /proc/self/environ > ${file}\n`, { mode: 0o755 });
  const PATH = `${directory}:/usr/bin:/bin`;
  expect((await runTaskToEnd({ env: { PATH }, config: { task_agent_path: 'agent' } })).status).toBe(0);
  expect((await readFile(file, 'utf8')).split('\0')).toContain(`PATH=${PATH}`);
});

test('HOME is unchanged if the user is not switched', async () => {
  const { agent } = await childEnvironments(['PATH=/bin', 'HOME=/somewhere']);
  expect(agent).toContain('HOME=/somewhere');
});

describe('children have', () => {
  async function agentReport(verbs: readonly string[], task: TaskToRun = {}): Promise<string> {
    const file = join(scratchFolder(), 'report');
    expect((await runTaskToEnd({ ...task, agent: [`into=${file}`, ...verbs] })).status).toBe(0);
    return readFile(file, 'utf8');
  }

  test('the working directory of the container', async () => {
    const directory = scratchFolder();
    const file = join(directory, 'cwd');
    const task_agent_path = join(directory, 'agent');
    await writeFile(task_agent_path, `#!/bin/sh\npwd -P > ${file}\n`, { mode: 0o755 });
    expect((await runTaskToEnd({ cwd: directory, config: { task_agent_path } })).status).toBe(0);
    expect(await readFile(file, 'utf8')).toBe(`${directory}\n`);
  });

  test('only the first three descriptors', async () => {
    const report = await agentReport(['print-fds']);
    expect(report.split('\n').map((line) => line.split(' ')[0])).toEqual(['0', '1', '2', '']);
  });

  test('the limits of the container, including that of open files', async () => {
    const through = ['prlimit', '--nofile=777:5000'];
    expect(await agentReport(['print=/proc/self/limits'], { through })).toMatch(
      /Max open files\s+777\s+5000/,
    );
  });

  test('the umask of the container', async () => {
    const through = ['sh', '-c', 'umask 027; exec "$@"', 'sh'];
    expect(await agentReport(['print=/proc/self/status'], { through })).toMatch(/^Umask:\s+0027$/m);
  });

  test('a higher oom_score_adj than the orchestrator', async () => {
    const own = Number(await readFile('/proc/self/oom_score_adj', 'utf8'));
    expect(Number(await agentReport(['print=/proc/self/oom_score_adj']))).toBeGreaterThan(own);
  });
});
