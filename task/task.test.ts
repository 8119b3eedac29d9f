import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeEach, describe, expect, test } from 'vitest';
import { scratchFolder } from '../internal/dev/testing/scratch-folder.ts';
import type { TaskSettings } from './task.ts';

let directory: string;

beforeEach(() => {
  directory = scratchFolder();
});

function at(name: string): string {
  return join(directory, name);
}

/** The content of a file that a process of the task wrote. */
function read(name: string): string {
  return existsSync(at(name)) ? readFileSync(at(name), 'utf8').trim() : 'no such file';
}

interface Given {
  /** Shell scripts. They run in their own directory, $D, as children of the orchestrator, $PPID. */
  readonly agent?: string;
  readonly entrypoint?: string;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly settings?: Partial<TaskSettings>;
}

interface LivedTask {
  readonly outcome:
    | 'ended well'
    | {
        readonly code: string;
        readonly message: string;
        readonly output: string;
        readonly [field: string]: unknown;
      };
  /** The number of remaining children. */
  readonly left: number;
  readonly log: readonly string[];
}

async function live({ agent = 'exit 0', entrypoint, config = {}, settings = {} }: Given): Promise<LivedTask> {
  const script = (name: string, content: string) => {
    writeFileSync(at(name), `#!/bin/sh\nD=${directory}\n${content}\n`);
    chmodSync(at(name), 0o755);
    return at(name);
  };
  const configuration = {
    task_agent_path: script('agent', agent),
    token: 'Sesame-4711',
    ...(entrypoint === undefined ? {} : { cmd: [script('entrypoint', entrypoint)] }),
    ...config,
  };
  const fixture = join(import.meta.dirname, 'fixtures/life.ts');
  const node = ['--disable-warning=ExperimentalWarning', fixture];
  const argv = [...node, JSON.stringify(configuration), JSON.stringify(settings)];
  const { stdout } = await execa(process.execPath, argv, { timeout: 60_000 });
  return JSON.parse(stdout.split('\n').at(-1) ?? '');
}

const noLimits = { shutdownDelayMs: 0, gracePeriodMs: 0 };
const untilTold = 'while [ ! -e $D/go ]; do sleep 0.01; done';
const untilReaped = 'while kill -0 $(cat $D/pid); do sleep 0.01; done';

describe('the agent', () => {
  test('ends the task successfully with exit status 0', async () => {
    expect(await live({})).toEqual({
      outcome: 'ended well',
      left: 0,
      log: ['ready', 'task agent started', 'task agent ended: exit status 0'],
    });
  });

  test('gets the token only on stdin, and none of our own variables', async () => {
    await live({ agent: 'cat >$D/stdin; tr "\\0" "\\n" </proc/$$/cmdline >$D/argv; env >$D/env' });
    expect(read('stdin')).toBe('Sesame-4711');
    expect(read('argv')).toContain('_internal');
    expect(read('argv')).not.toContain('Sesame');
    expect(read('env')).toContain('JOB=x');
    expect(read('env')).not.toMatch(/Sesame|CIRCLECI_GOAT/);
    expect(read('env')).toMatch(new RegExp(`^PATH=.*:${directory}$`, 'm'));
  });

  test.each([
    ['exit 3', { exit_status: 3 }, 'The task agent failed: exit status 3.'],
    ['kill -TERM $$', { signal: 'SIGTERM' }, 'The task agent failed: killed by SIGTERM.'],
    [
      'kill -KILL $$',
      { signal: 'SIGKILL' },
      'The task agent failed: killed by SIGKILL. Unless something in the job sent that signal, memory ran out or the Pod was being removed.',
    ],
  ])('that ends otherwise is a failure with its last words: %s', async (end, fields, message) => {
    const { outcome } = await live({ agent: `echo "last words, Sesame-4711" >&2; ${end}` });
    expect(outcome).toEqual({
      code: 'agent-exit',
      retryable: false,
      ...fields,
      message,
      output: 'last words, ***********',
    });
  });

  test.each([
    ['exit 3', 'exit status 3'],
    ['kill -TERM $$', 'killed by SIGTERM'],
    ['kill -KILL $$', 'killed by SIGKILL'],
  ])('that fails after a termination signal is a failure that names the signal: %s', async (end, what) => {
    const settings = { gracePeriodMs: 60_000 };
    const { outcome } = await live({ agent: `kill -TERM $PPID; ${end}`, settings });
    expect(outcome).toMatchObject({
      code: 'agent-exit',
      message: `The task agent failed: ${what}. The container received SIGTERM, most likely because the Pod was evicted or deleted.`,
    });
  });

  test.each([
    ['/no/such/agent', '/no/such/agent does not exist (ENOENT).'],
    ['no-such-agent', '"no-such-agent" is not an executable file in any directory of PATH.'],
    [
      '/no/such agent',
      '/no/such does not exist (ENOENT). "task_agent_path" is split at spaces, so a path must have none.',
    ],
    ['"/bin/sh"', '"/bin/sh" does not exist (ENOENT). The quotes are part of "task_agent_path".'],
    ['~/agent', '~/agent does not exist (ENOENT). No shell replaces ~ or a variable in "task_agent_path".'],
    [' ', '"task_agent_path" is empty.'],
  ])('that cannot be started is a failure: %j', async (task_agent_path, reason) => {
    const { outcome } = await live({ config: { task_agent_path } });
    expect(outcome).toMatchObject({
      code: 'agent-start',
      message: `The task agent could not be started: ${reason}`,
    });
  });

  test('is not started for an unknown user', async () => {
    const { outcome, log } = await live({ config: { user: 'no-such-user' } });
    expect(outcome).toMatchObject({ code: 'user' });
    expect(log).toEqual(['ready']);
  });

  test('is followed by all processes that it left behind', async () => {
    const life = await live({ agent: 'setsid sleep 1000 & sleep 1000 & exit 0' });
    expect(life).toMatchObject({ outcome: 'ended well', left: 0 });
  });
});

describe('the custom entrypoint', () => {
  test('runs beside the agent, and its end does not end the task', async () => {
    const { outcome, log } = await live({
      entrypoint: 'echo $$ >$D/pid; touch $D/go; exit 5',
      agent: `${untilTold}; ${untilReaped}`,
    });
    expect(outcome).toBe('ended well');
    expect(log).toContain('custom entrypoint ended: exit status 5');
    expect(log.indexOf('custom entrypoint started')).toBeLessThan(log.indexOf('ready'));
  });

  test('is ended with the task', async () => {
    expect(await live({ entrypoint: "trap '' TERM; while :; do sleep 1; done" })).toMatchObject({
      outcome: 'ended well',
      left: 0,
    });
  });

  test('that cannot be started is a failure before the task is ready', async () => {
    const { outcome, log } = await live({ config: { cmd: ['/no/such/entrypoint'] } });
    expect(outcome).toMatchObject({
      code: 'entrypoint-start',
      message: 'The custom entrypoint could not be started: /no/such/entrypoint does not exist (ENOENT).',
    });
    expect(log).toEqual([]);
  });

  test('gets signals at once, while the agent gets them only after the grace period', async () => {
    const { outcome, log } = await live({
      entrypoint: `trap 'touch $D/go' TERM; touch $D/listening; while :; do sleep 0.01; done`,
      agent: `trap 'exit 9' TERM; while [ ! -e $D/listening ]; do sleep 0.01; done; kill -TERM $PPID; ${untilTold}`,
    });
    expect(outcome).toBe('ended well');
    expect(log).toContain('termination signal received: SIGTERM');
  });
});

describe('other signals', () => {
  test('reach the agent and the entrypoint', async () => {
    const listen = (name: string) => `trap 'touch $D/${name}-heard' USR2; touch $D/${name}-listens`;
    const { outcome } = await live({
      entrypoint: `${listen('entrypoint')}; while :; do sleep 0.01; done`,
      agent: `${listen('agent')}; while [ ! -e $D/entrypoint-listens ]; do sleep 0.01; done; kill -USR2 $PPID
        while [ ! -e $D/agent-heard ] || [ ! -e $D/entrypoint-heard ]; do sleep 0.01; done; exit 0`,
    });
    expect(outcome).toBe('ended well');
  });
});

describe('the readiness file', () => {
  test('is waited for once the orchestrator is ready', async () => {
    const { outcome, log } = await live({
      entrypoint: 'sleep 0.1; touch $D/go; sleep 1000',
      agent: 'test -e $D/go',
      config: { readiness_file_path: at('go') },
    });
    expect(outcome).toBe('ended well');
    expect(log.slice(0, 4)).toEqual([
      'custom entrypoint started',
      'ready',
      'waiting for the readiness file',
      'task agent started',
    ]);
  });

  test('that does not appear is a failure, and the agent is not started', { tags: ['timed'] }, async () => {
    const { outcome, log } = await live({
      config: { readiness_file_path: at('go') },
      settings: { readinessTimeoutMs: 1 },
    });
    expect(outcome).toMatchObject({ code: 'readiness-timeout' });
    // The first check of the file may take less time than the limit.
    expect(log.filter((line) => line !== 'waiting for the readiness file')).toEqual(['ready']);
  });

  test('is not waited for after a termination signal', async () => {
    const { outcome, log } = await live({
      entrypoint: 'kill -INT $PPID; sleep 1000',
      config: { readiness_file_path: at('go') },
    });
    expect(outcome).toMatchObject({ code: 'not-started', message: expect.stringMatching(/^SIGINT came/) });
    expect(log).not.toContain('task agent started');
  });
});

describe.each(['TERM', 'INT', 'QUIT'])('after SIG%s', { tags: ['timed'] }, (signal) => {
  test('the agent may end by itself', async () => {
    const { outcome, log } = await live({ agent: `kill -${signal} $PPID; sleep 0.1; exit 0` });
    expect(outcome).toBe('ended well');
    expect(log).toContain(`termination signal received: SIG${signal}`);
  });

  test('and the grace period, the agent is interrupted, and no process is left', async () => {
    const life = await live({
      agent: `trap 'echo interrupted >&2; exit 0' TERM; setsid sleep 1000 & kill -${signal} $PPID; while :; do sleep 0.01; done`,
      settings: noLimits,
    });
    expect(life).toMatchObject({
      outcome: {
        code: 'task-interrupted',
        signal: `SIG${signal}`,
        message: `The task was still running when the grace period of 0s after SIG${signal} was over, and was interrupted, most likely because the Pod was evicted or deleted.`,
        output: expect.stringContaining('interrupted'),
      },
      left: 0,
    });
  });
});

test('an agent that ignores SIGTERM is killed', { tags: ['timed'] }, async () => {
  const life = await live({
    agent: "trap '' TERM; kill -TERM $PPID; while :; do sleep 0.1; done",
    settings: noLimits,
  });
  expect(life).toMatchObject({ outcome: { code: 'task-interrupted' }, left: 0 });
});
