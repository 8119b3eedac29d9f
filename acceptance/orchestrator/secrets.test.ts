import { execFile as execFileCallback } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { buildFakeAgent } from '../../internal/dev/testing/build-fake-agent.ts';
import { isRoot } from '../../internal/dev/testing/is-root.ts';
import { childrenOf, readProc } from '../../internal/dev/testing/proc.ts';
import { scratchFolder } from '../../internal/dev/testing/scratch-folder.ts';
import { runOrchestrator, taskLives } from './run-orchestrator.ts';
import { fileOnce, finish, startTask } from './start-task.ts';

const execFile = promisify(execFileCallback);

/** A process, and all processes that it started or adopted. */
const familyOf = (pid: number): number[] => [pid, ...childrenOf(pid).flatMap(familyOf)];

/** Runs a command like root in a container: without the right to look into other processes. */
function withoutPtrace(command: readonly string[]): Promise<string> {
  const drop = ['setpriv', '--bounding-set=-sys_ptrace,-perfmon,-sys_admin', '--'];
  const [file = '', ...rest] = [...drop, ...command];
  return execFile(file, rest).then(
    ({ stdout }) => stdout,
    (error: { stderr: string }) => error.stderr,
  );
}

describe.each(taskLives)('the token of a task, %s,', (life) => {
  test('is in no argument list and no environment', {
    tags: ['not-emulated/proc-files'],
  }, async () => {
    const task = await startTask({
      life,
      entrypoint: ['forever'],
      agent: ['daemon', 'forever', 'end', 'say=running', 'forever'],
    });
    await task.run.printed(/running/);
    const family = familyOf(task.run.pid);
    expect(family).toHaveLength(4);
    for (const pid of family) {
      expect(readProc(pid, 'cmdline')).not.toBe('');
      for (const file of ['cmdline', 'environ']) {
        expect(readProc(pid, file)).not.toContain(task.token);
        expect(readProc(pid, file)).not.toContain('CIRCLECI_GOAT');
      }
    }
  });

  test('does not show in the log and the message if the agent prints it', async () => {
    const task = await startTask({
      life,
      agentPrintsToken: true,
      config: { token: 'known-token-123' },
      agent: ['stderr=my%20token%20is%20known-token-123%0a', 'exit=3'],
    });
    const ended = await finish(task);
    expect(ended.calls).toEqual(['fail']);
    expect(ended.message).toContain('my token is');
    expect(ended.message).not.toContain('known-token-123');
    expect(ended.stdout).not.toContain('known-token-123');
    // The orchestrator does not change the job's own output.
    expect(ended.stderr).toContain('known-token-123');
  });

  test('cannot be read by a job from its orchestrator', async () => {
    const directory = scratchFolder();
    const report = join(directory, 'report');
    const script = [
      'cat /proc/$PPID/environ /proc/$PPID/task/*/environ /proc/$PPID/cmdline',
      'head -c 100000 /proc/$PPID/mem; cat /proc/$PPID/maps /proc/$PPID/stack',
      'for fd in /proc/$PPID/fd/*; do ls -l $fd; timeout 1 head -c 100000 $fd; done',
      'cat /proc/$PPID/root/proc/1/environ',
    ].join('; ');
    const task = await startTask({
      life,
      ...(isRoot || life !== 'ordinary'
        ? { through: ['setpriv', '--bounding-set=-sys_ptrace,-perfmon,-sys_admin', '--'] }
        : {}),
      config: {
        task_agent_path: await shellScript(
          directory,
          `(${script}) > ${report} 2>&1 < /dev/null; echo done >> ${report}`,
        ),
      },
    });
    expect((await finish(task)).status).toBe(0);
    const text = await readFile(report, 'latin1');
    expect(text).toMatch(/done\n$/);
    expect(text).toMatch(/Permission denied/);
    expect(text).not.toContain(task.token);
    expect(text).not.toContain('CIRCLECI_GOAT_CONFIG');
  });
});

async function shellScript(directory: string, text: string): Promise<string> {
  const path = join(directory, 'script');
  await writeFile(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  return path;
}

test.each(Array.from({ length: 12 }, (_, n) => 150 + n))(
  'no part of a token shows that crosses the border of the shown output (at byte %d)',
  async (offset) => {
    const token = 'abcdefghijklmnop';
    const task = await startTask({
      agentPrintsToken: true,
      config: { token },
      agent: [
        `stderr=${'-'.repeat(offset)}${token}${'+'.repeat(1000)}${token}${'='.repeat(offset)}`,
        'exit=3',
      ],
    });
    const { message, stdout } = await finish(task);
    for (let start = 0; start + 4 <= token.length; start++) {
      const part = token.slice(start, start + 4);
      expect(message).not.toContain(part);
      expect(stdout).not.toContain(part);
    }
  },
);

test('a token that comes in pieces does not show in the log or the message', async () => {
  const task = await startTask({
    agentPrintsToken: true,
    config: { token: 'abcdefghijklmnop' },
    agent: ['stderr=abcdefgh', 'sleep=200', 'stderr=ijklmnop', 'exit=3'],
  });
  const { message, stdout } = await finish(task);
  expect(message).not.toContain('abcdefghijklmnop');
  expect(stdout).not.toContain('abcdefghijklmnop');
});

test('a token in other fields is not logged', async () => {
  const token = 'token-in-many-places';
  const config = { token, allocation: token, user: token, task_id: token, readiness_file_path: `/${token}` };
  const task = await startTask({ config });
  await task.run.healthUrl();
  task.run.signal('SIGTERM');
  expect((await finish(task)).status).toBe(0);
});

test('an answer of the API that quotes the token is logged without it', async () => {
  const token = 'token-that-the-server-echoes';
  const body = `{"message":"token ${token} is not known"}`;
  const task = await startTask({
    config: { token },
    agent: ['exit=3'],
    answers: { fail: [{ status: 401, body }] },
  });
  expect((await finish(task)).status).toBe(1);
});

test('a configuration from a flag is removed from the argument list', {
  tags: ['not-emulated/proc-files'],
}, async () => {
  const token = 'token-in-a-flag';
  const config = JSON.stringify({ token, task_agent_path: `${await buildFakeAgent()} forever` });
  for (const flag of [['--config', config], [`--config=${config}`]]) {
    const run = await runOrchestrator(['run-task', '--health-check-addr=:0', ...flag], { secrets: [token] });
    await run.printed(/task agent started/);
    expect(readProc(run.pid, 'cmdline')).toContain('run-task');
    expect(readProc(run.pid, 'cmdline')).not.toContain(token);
  }
});

describe.runIf(isRoot)('root without CAP_SYS_PTRACE', () => {
  test.each(['environ', 'mem', 'maps', 'auxv', 'fd', 'cwd', 'io', 'syscall'])(
    'learns nothing from /proc/<pid>/%s',
    async (name) => {
      const task = await startTask({ agent: ['say=running', 'forever'] });
      await task.run.printed(/running/);
      const path = `/proc/${task.run.pid}/${name}`;
      const answer = await withoutPtrace(['sh', '-c', `head -c 1000000 ${path} || ls -l ${path}/`]);
      expect(answer).not.toContain(task.token);
      expect(answer).not.toContain('CIRCLECI_GOAT');
      if (name !== 'environ') expect(answer).toMatch(/[Pp]ermission denied|not permitted|cannot open/);
    },
  );

  test('cannot trace it', async () => {
    const task = await startTask({ agent: ['say=running', 'forever'] });
    await task.run.printed(/running/);
    const answer = await withoutPtrace([
      'python3',
      '-c',
      `import ctypes; l=ctypes.CDLL(None,use_errno=True); print(l.ptrace(16,${task.run.pid},0,0), ctypes.get_errno())`,
    ]);
    expect(answer).toMatch(/^-1 1\b/);
  });
});

test.runIf(isRoot)(
  'not even root with all rights finds the configuration in its environment',
  { tags: ['not-emulated/proc-files'] },
  async () => {
    const task = await startTask({ agent: ['say=running', 'forever'] });
    await task.run.printed(/running/);
    expect(await readFile(`/proc/${task.run.pid}/environ`, 'latin1')).not.toMatch(/token|CIRCLECI|PATH/);
  },
);

test('there is no core dump', { tags: ['not-emulated/caught-signals'] }, async () => {
  const cwd = scratchFolder();
  const task = await startTask({
    cwd,
    through: ['prlimit', '--core=unlimited:unlimited'],
    agent: ['say=running', 'forever'],
  });
  await task.run.printed(/running/);
  task.run.signal('SIGSEGV');
  expect((await finish(task)).signal).toBe('SIGSEGV');
  expect((await readdir(cwd)).filter((name) => name.startsWith('core'))).toEqual([]);
});

test('the token is only on stdin of the agent', async () => {
  const file = join(scratchFolder(), 'entrypoint');
  const task = await startTask({
    entrypoint: [`into=${file}`, 'print-fds', 'stdin-echo', 'say=end'],
    agent: ['say=running', `wait-file=${file}`],
  });
  expect(await fileOnce(file, /end/)).toMatch(/^0 -> \/dev\/null$/m);
  await finish(task);
});
