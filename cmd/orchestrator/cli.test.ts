import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Environment } from '../../internal/environment.ts';
import { Failure } from '../../internal/failure.ts';
import { nameOf, type OptionRule } from '../../internal/options.ts';
import type { Invocation } from './invocation.ts';
import { overrideOptions } from './options.ts';
import { parseInvocation } from './parse-invocation.ts';
import { program } from './program.ts';

const config = '{"token":"Sesame-4711"}';
const versionText = 'orchestrator 1.2.3 (commit abc, built today)';

function parse(
  argv: readonly string[],
  variables: Readonly<Record<string, string>> = {},
  CIRCLECI_GOAT_CONFIG?: string,
): Promise<Invocation> {
  const environment = Environment.fromObject({ ...variables, CIRCLECI_GOAT_CONFIG });
  return parseInvocation(argv, environment, versionText);
}

async function usageError(argv: readonly string[], variables: Record<string, string> = {}): Promise<string> {
  const error = await parse(argv, variables, config).then(
    (invocation) => new Error(`accepted: ${JSON.stringify(invocation)}`),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Failure)) throw error;
  expect(error).toMatchObject({ code: 'usage', exitStatus: 80 });
  expect(error.message).not.toContain('\n');
  return error.message;
}

const commonDefaults = { shutdownDelay: 0, logFormat: 'text' };
const initDefaults = { command: 'init', source: '/', destination: '/opt/circleci/bin', ...commonDefaults };
const taskDefaults = { terminationGracePeriod: 10_000, healthCheckAddr: ':7623', config, ...commonDefaults };

describe('init', () => {
  test.each<[string[], Record<string, string>, Partial<Invocation>]>([
    [[], {}, {}],
    [['init'], {}, {}],
    [['init', '/src'], {}, { source: '/src' }],
    [['init', '/src', '/dst'], {}, { source: '/src', destination: '/dst' }],
    [['init', 'relative', './dst'], {}, { source: 'relative', destination: './dst' }],
    [['init'], { SOURCE: '/s', DESTINATION: '/d' }, { source: '/s', destination: '/d' }],
    [[], { SOURCE: '/s', DESTINATION: '/d' }, { source: '/s', destination: '/d' }],
    [['init', '/src'], { SOURCE: '/s', DESTINATION: '/d' }, { source: '/src', destination: '/d' }],
    [['init', '/src', '/dst'], { SOURCE: '/s', DESTINATION: '/d' }, { source: '/src', destination: '/dst' }],
    [['init', '', ''], { SOURCE: '', DESTINATION: '' }, {}],
    [['--log-format=json'], {}, { logFormat: 'json' }],
    [['init', '--shutdown-delay=1s'], {}, { shutdownDelay: 1000 }],
  ])('%j with %j', async (argv, variables, expected) => {
    expect(await parse(argv, variables)).toEqual({ ...initDefaults, ...expected });
  });

  test.each([[['init', 'a', 'b', 'c']], [['a']], [['init', '--config=x']], [['--entrypoint=x']]])(
    '%j is a usage error',
    async (argv) => {
      await usageError(argv);
    },
  );
});

const allVariables = {
  CIRCLECI_GOAT_TERMINATION_GRACE_PERIOD: '1m',
  CIRCLECI_GOAT_HEALTH_CHECK_ADDR: '127.0.0.1:1',
  CIRCLECI_GOAT_SHUTDOWN_DELAY: '2s',
  CIRCLECI_GOAT_LOG_FORMAT: 'json',
};
const fromVariables = {
  terminationGracePeriod: 60_000,
  healthCheckAddr: '127.0.0.1:1',
  shutdownDelay: 2000,
  logFormat: 'json',
};
const allFlags = [
  '--termination-grace-period=3s',
  '--health-check-addr=[::1]:2',
  '--shutdown-delay=4ms',
  '--log-format=text',
];
const fromFlags = {
  terminationGracePeriod: 3000,
  healthCheckAddr: '[::1]:2',
  shutdownDelay: 4,
  logFormat: 'text',
};

describe('run-task', () => {
  test('has defaults', async () => {
    expect(await parse(['run-task'], {}, config)).toEqual({ command: 'run-task', ...taskDefaults });
  });

  test('takes its options from the variables', async () => {
    expect(await parse(['run-task'], allVariables, config)).toEqual({
      command: 'run-task',
      config,
      ...fromVariables,
    });
  });

  test.each([
    ['after the command', ['run-task', ...allFlags]],
    ['with the common ones before the command', [...allFlags.slice(2), 'run-task', ...allFlags.slice(0, 2)]],
    ['as words of their own', ['run-task', ...allFlags.flatMap((flag) => flag.split('='))]],
  ])('lets flags beat variables, %s', async (_title, argv) => {
    expect(await parse(argv, allVariables, config)).toEqual({ command: 'run-task', config, ...fromFlags });
  });

  test('lets the configuration of the command line beat the variable', async () => {
    expect(await parse(['run-task', '--config={}'], {}, config)).toMatchObject({ config: '{}' });
    expect(await parse(['run-task', '--config', '{}'], {}, config)).toMatchObject({ config: '{}' });
    expect(await parse(['run-task', '--config='], {}, config)).toMatchObject({ config: '' });
  });

  test('needs a configuration', async () => {
    await expect(parse(['run-task'])).rejects.toThrow(
      "The task's configuration is missing: set CIRCLECI_GOAT_CONFIG. An entrypoint that runs this program has to pass its environment on. See orchestrator --help.",
    );
  });

  test.each([
    ['300ms', 300],
    ['10s', 10_000],
    ['1m30s', 90_000],
    ['1h0m0s', 3_600_000],
    ['0', 0],
    ['1.5us', 0.0015],
    ['2562047h47m16s', 9_223_372_036_000],
  ])('takes a duration of %s', async (text, ms) => {
    expect(await parse(['run-task', `--shutdown-delay=${text}`], {}, config)).toMatchObject({
      shutdownDelay: ms,
    });
  });
});

describe('override', () => {
  test('takes the entrypoint from its flag or variable, and the defaults of run-task', async () => {
    const expected = { command: 'override', entrypoint: ['tini', '-g', '--'], flags: [], ...taskDefaults };
    expect(await parse(['override'], { CIRCLECI_GOAT_ENTRYPOINT: 'tini,-g,--' }, config)).toEqual(expected);
    expect(
      await parse(['override', '--entrypoint=tini,-g,--'], { CIRCLECI_GOAT_ENTRYPOINT: 'x' }, config),
    ).toEqual(expected);
  });

  test.each([
    ['/entrypoint.sh', ['/entrypoint.sh']],
    ['sh,-c,echo a b', ['sh', '-c', 'echo a b']],
    ['sh,-c,echo a\\,b', ['sh', '-c', 'echo a,b']],
    ['a,,b,', ['a', '', 'b', '']],
  ])('splits %j at commas', async (text, entrypoint) => {
    expect(await parse(['override', `--entrypoint=${text}`], {}, config)).toMatchObject({ entrypoint });
  });

  test('passes on the flags of the command line, and no variable, entrypoint or configuration', async () => {
    const argv = ['override', ...allFlags, '--entrypoint=tini', `--config=${config}`];
    const invocation = await parse(argv, allVariables);
    expect(invocation).toMatchObject({ ...fromFlags, config });
    expect(invocation).toHaveProperty('flags.length', allFlags.length);
    expect(invocation).toHaveProperty('flags', expect.arrayContaining(allFlags));
    const fromVariablesOnly = await parse(['override', '--entrypoint=tini'], allVariables, config);
    expect(fromVariablesOnly).toMatchObject({ ...fromVariables, flags: [] });
  });

  test.each(['1ns', '1.5ms', '0', '2562047h47m16.854775807s', '1m30s'])(
    'passes a duration of %s on as it was written',
    async (text) => {
      const given = await parse(['override', '--entrypoint=x', '--shutdown-delay', text], {}, config);
      expect(given).toHaveProperty('flags', [`--shutdown-delay=${text}`]);
    },
  );

  test('needs an entrypoint, and says how to give one', async () => {
    const message = await usageError(['override']);
    expect(message).toContain('--entrypoint');
    expect(message).toContain('CIRCLECI_GOAT_ENTRYPOINT');
  });

  test.each(['', ',', ',a'])('refuses the entrypoint %j', async (text) => {
    expect(await usageError(['override', `--entrypoint=${text}`])).toContain('expected a command');
  });
});

describe('a usage error', () => {
  test.each([
    ['run-task --shutdown-delay=1', '--shutdown-delay', '"1" is not a duration'],
    ['run-task --termination-grace-period=-1s', '--termination-grace-period', '"-1s" is negative'],
    ['run-task --termination-grace-period=999999999h', '--termination-grace-period', 'too long'],
    ['run-task --health-check-addr=7623', '--health-check-addr', '7623'],
    ['run-task --health-check-addr=:99999', '--health-check-addr', '99999'],
    ['run-task --log-format=xml', '--log-format', 'text or json'],
    ['run-task --config', '--config', 'missing'],
    ['run-task --shutdown-delay', '--shutdown-delay', 'missing'],
    ['run-task --no-such-flag=1', '--no-such-flag', 'Unknown option'],
    ['run-task --shutdown-dealy=1s', '--shutdown-dealy', 'Is --shutdown-delay meant?'],
    ['run-task -shutdown-delay=1s', '-shutdown-delay', 'Is --shutdown-delay meant?'],
    ['run-task --shutdown_delay=1s', '--shutdown_delay', 'Is --shutdown-delay meant?'],
    ['run-task --termination-grace=1s', '--termination-grace', 'Is --termination-grace-period meant?'],
    ['run-task --hlep', '--hlep', 'Is --help meant?'],
    ['help runtask', '"runtask"', 'Is run-task meant?'],
    ['-x', '-x', 'Unknown option'],
    ['run-task extra', 'run-task', 'Too many arguments'],
    ['init a b c', 'init', 'Too many arguments'],
    ['no-such-command', 'init, override or run-task', ''],
    ['overide', '"overide"', 'Is override meant?'],
    ['inti', '"inti"', 'Is init meant?'],
    ['run-task --entrypoint=x', '--entrypoint', 'Unknown option'],
  ])('of %j names what is wrong', async (line, subject, reason) => {
    const message = await usageError(line.split(' '));
    expect(message).toContain(subject);
    expect(message).toContain(reason);
    expect(message).toMatch(/[^.][.?] See orchestrator --help\.$/);
  });

  test.each([
    ['CIRCLECI_GOAT_SHUTDOWN_DELAY', 'soon'],
    ['CIRCLECI_GOAT_TERMINATION_GRACE_PERIOD', '10'],
    ['CIRCLECI_GOAT_HEALTH_CHECK_ADDR', 'nowhere'],
    ['CIRCLECI_GOAT_LOG_FORMAT', 'xml'],
  ])('names the variable: %s=%s', async (name, value) => {
    const message = await usageError(['run-task'], { [name]: value });
    expect(message).toContain(name);
    expect(message).toContain(value);
  });

  const secret = 'Sesame-4711';
  const text = `{"token":"${secret}"}`;
  test.each([
    [[text]],
    [['run-task', text]],
    [['init', 'a', 'b', text]],
    [[`--config=${text}`, 'run-task']],
    [['--config', text, 'run-task']],
    [['run-task', `--confg=${text}`]],
    [['run-task', '--confg', text]],
    [['run-task', `-c${text}`]],
    [['run-task', '-c', text]],
    [['run-task', '--config', '{"token":', `"${secret}"}`]],
    [['override', '--config', text]],
    [['run-task', '--config', text, '--shutdown-delay=x']],
    [['run-task', `--log-format=${text}`]],
    [['run-task', `--shutdown-delay=${text}`]],
    [['run-task', `--health-check-addr=${text}`]],
    [['run-task', '--shutdown-delay', '--config', text]],
  ])('does not tell the configuration that went astray: %j', async (argv) => {
    const message = await usageError(argv);
    expect(message).not.toContain('Sesame');
    expect(message).not.toContain('4711');
  });

  test('does not tell it of a variable either', async () => {
    expect(await usageError(['run-task'], { CIRCLECI_GOAT_SHUTDOWN_DELAY: text })).not.toContain('Sesame');
  });
});

describe('what is printed', () => {
  test.each([['-v'], ['--version'], ['run-task', '--version'], ['init', '-v']])(
    '%s: the version',
    async (...argv) => {
      expect(await parse(argv)).toEqual({ command: 'print', text: `${versionText}\n` });
    },
  );

  test.each([
    ['help.txt', ['--help']],
    ['help.txt', ['-h']],
    ['help-init.txt', ['init', '--help']],
    ['help-run-task.txt', ['run-task', '-h']],
    ['help-override.txt', ['override', '--help']],
    ['help.txt', ['help']],
    ['help-init.txt', ['help', 'init']],
  ])('the help of testdata/%s for %j, whatever the variables', async (file, argv) => {
    const invocation = await parse(argv, { ...allVariables, SOURCE: '/s' });
    expect(invocation.command).toBe('print');
    const golden = join(import.meta.dirname, 'testdata', file);
    await expect('text' in invocation ? invocation.text : '').toMatchFileSnapshot(golden);
  });
});

test('the launcher wipes each secret flag from the list of arguments', () => {
  const rules: readonly OptionRule<unknown>[] = Object.values(overrideOptions);
  const secret = rules.filter((rule) => rule.secret).map(nameOf);
  expect(secret).toEqual([program.secretOption]);
});
