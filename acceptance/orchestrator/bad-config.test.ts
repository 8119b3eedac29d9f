import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildFakeAgent } from '../../internal/dev/testing/build-fake-agent.ts';
import { scratchFolder } from '../../internal/dev/testing/scratch-folder.ts';
import { lives, runToEnd } from './run-orchestrator.ts';
import { runTaskToEnd } from './start-task.ts';

const secret = 'kept-secret-kept-secret';
const flags = ['run-task', '--health-check-addr=:0'];

/** Runs with a text as configuration, and returns the one line of the error. */
async function complaint(text: string, life: (typeof lives)[number] = 'ordinary'): Promise<string> {
  const env = { CIRCLECI_GOAT_CONFIG: text };
  const result = await runToEnd(flags, { life, env, secrets: [secret] });
  expect(result).toMatchObject({ status: 1, signal: null, stderr: '' });
  const lines = result.stdout.trimEnd().split('\n');
  expect(lines).toHaveLength(1);
  return lines[0] ?? '';
}

describe.each(lives)('a configuration, %s,', (life) => {
  test.each([
    ['blank', ' \t\n '],
    ['truncated', `{"token":"${secret}","task_id":"1`],
    ['cut in a word', `{"token":"${secret}","enable_unsafe_retries":tru`],
    ['not JSON', `token=${secret}`],
    ['in quotes that a shell left', `'{"token":"${secret}"}'`],
    ['JSON with more after it', `{"token":"${secret}"}}`],
    ['JSON with a comma too many', `{"token":"${secret}",}`],
    ['JSON after a byte order mark', `\ufeff{"token":"${secret}"`],
    ['an array', `["${secret}"]`],
    ['null', 'null'],
    ['a string', `"${secret}"`],
    ['a number', '42'],
    ['a boolean', 'true'],
  ])('that is %s is one clear line, and 1', async (_title, text) => {
    expect(await complaint(text, life)).toMatch(/configuration/i);
  });
});

const values: Readonly<Record<string, unknown>> = {
  string: secret,
  number: 1,
  fraction: 1.5,
  boolean: true,
  array: [secret],
  object: { [secret]: secret },
  'array of a number': [1],
  'array of null': ['a', null],
};
const right: Readonly<Record<string, readonly string[]>> = {
  cmd: ['array'],
  user: ['string'],
  task_id: ['string'],
  token: ['string'],
  readiness_file_path: ['string'],
  enable_unsafe_retries: ['boolean'],
  task_agent_path: ['string'],
  runner_api_base_url: ['string'],
  allocation: ['string'],
  ssh_advertise_addr: ['string'],
  max_run_time: ['number'],
};
const wrong = Object.entries(right).flatMap(([field, kinds]) =>
  Object.keys(values)
    .filter((kind) => !kinds.includes(kind))
    .map((kind) => [field, kind] as const),
);

describe('a wrong type', () => {
  test.each(Object.keys(right))('in %s is named with its field', async (field) => {
    for (const [, kind] of wrong.filter(([name]) => name === field)) {
      expect(await complaint(JSON.stringify({ token: secret, [field]: values[kind] }))).toContain(field);
    }
  });

  test.each(['9223372036854775808', '-9223372036854775809', '1e400', '1e3', '0.5', '"3600"'])(
    'max_run_time of %s is not a whole number of nanoseconds',
    async (number) => {
      expect(await complaint(`{"max_run_time":${number}}`)).toContain('max_run_time');
    },
  );
});

test('wrong settings that only a failure needs are warnings, and the task runs', async () => {
  const config = { runner_api_base_url: 'runner.example', taskAgentPaht: secret };
  const { status, stdout } = await runTaskToEnd({ config, env: { SSL_CERT_FILE: '/nowhere' } });
  expect(status).toBe(0);
  expect(stdout.match(/WARN a setting is probably wrong .*setting=(\w+)/g)).toHaveLength(2);
  expect(stdout).not.toContain(secret);
});

describe('a configuration may have:', () => {
  async function argumentsWith(text: (agent: string) => string): Promise<string> {
    const file = join(scratchFolder(), 'arguments');
    const agent = `${await buildFakeAgent()} into=${file} print=/proc/self/cmdline`;
    expect(await runTaskToEnd({ configText: text(agent) })).toMatchObject({ status: 0, calls: [] });
    return readFile(file, 'utf8');
  }

  test('unknown fields, of any type and number', async () => {
    await argumentsWith((task_agent_path) =>
      JSON.stringify({
        task_agent_path,
        unknown: 1,
        Cmd: 7,
        x: { y: [null] },
        __proto__: 1,
        constructor: {},
      }),
    );
  });

  test('fields that are absent or null', async () => {
    const text = await argumentsWith(
      (agent) => `{"task_agent_path":"${agent}","user":null,"cmd":null,"max_run_time":null}`,
    );
    expect(text).toContain('--allocation=\0');
    expect(text).not.toContain('--sshAdvertiseAddr');
  });

  test('100 KB of text', async () => {
    const task = await runTaskToEnd({ config: { unknown: 'x'.repeat(100_000) } });
    expect(task).toMatchObject({ status: 0, calls: [] });
  });

  test('the longest text that a kernel takes as one variable', async () => {
    const start = `{"task_agent_path":"${await buildFakeAgent()}","allocation":"`;
    const limit = 128 * 1024 - 'CIRCLECI_GOAT_CONFIG='.length - 1;
    const configText = `${start}${'a'.repeat(limit - start.length - 2)}"}`;
    expect(await runTaskToEnd({ configText })).toMatchObject({ status: 0, calls: [] });
  });

  test('a token of 100 KB', async () => {
    const file = join(scratchFolder(), 'stdin');
    const token = 't'.repeat(100_000);
    const task = await runTaskToEnd({ config: { token }, agent: [`into=${file}`, 'stdin-echo'] });
    expect(task).toMatchObject({ status: 0, calls: [] });
    expect(await readFile(file, 'latin1')).toBe(token);
  });

  test('non-ASCII text, escaped or not', async () => {
    const text = await argumentsWith(
      (agent) =>
        `{"task_agent_path":"${agent}","allocation":"größer 漢字 \\ud83d\\ude42","ssh_advertise_addr":"\\u00e9"}`,
    );
    expect(text).toContain('--allocation=größer 漢字 🙂\0');
    expect(text).toContain('--sshAdvertiseAddr=é\0');
  });

  test('white space around and within it', async () => {
    await argumentsWith((agent) => ` \n{\t"task_agent_path" :\r\n "${agent}" } \n`);
  });

  test('the same field twice: the last one counts', async () => {
    await argumentsWith((agent) => `{"task_agent_path":"/nowhere","task_agent_path":"${agent}"}`);
  });
});

test.each(['allocation', 'task_agent_path', 'user', 'token', 'readiness_file_path', 'cmd'])(
  'a NUL character in %s is refused: no argument can carry it',
  async (field) => {
    const text = `a\0${secret}`;
    expect(await complaint(JSON.stringify({ [field]: field === 'cmd' ? [text] : text }))).toContain(field);
  },
);

test('an empty object as configuration names neither an agent nor an API for the report', async () => {
  const task = await runTaskToEnd({ configText: '{}' });
  expect(task).toMatchObject({ status: 1, calls: [] });
  expect(task.stdout).toContain('task_agent_path');
});
