import { describe, expect, test } from 'vitest';
import { Environment } from '../internal/environment.ts';
import { agentCommand, agentEnvironment } from './agent.ts';
import { type Config, parseConfig } from './config.ts';
import { extendSearchPath } from './processes/find-program.linux.ts';

function config(fields: Partial<Omit<Config, 'max_run_time'>> & { max_run_time?: number } = {}): Config {
  return parseConfig(
    JSON.stringify({
      task_agent_path: '/opt/circleci/bin/circleci-agent',
      runner_api_base_url: 'https://runner.test',
      allocation: 'allocation-1',
      token: 'Sesame',
      ...fields,
    }),
  );
}

const platform = { extendSearchPath };

function entries(environment: Environment): string[] {
  return environment.entries.map((entry) => entry.toString('latin1'));
}

describe('the command line', () => {
  const common = [
    '_internal',
    'agent-runner',
    '--verbose',
    '--runnerAPIBaseURL=https://runner.test',
    '--allocation=allocation-1',
    '--disableSpinUpStep',
    '--disableIsolatedSSHDir',
  ];

  test('has the agent and its options, and never the token', () => {
    expect(agentCommand(config())).toEqual([
      '/opt/circleci/bin/circleci-agent',
      ...common,
      '--maxRunTime=0s',
    ]);
  });

  test('ends with the SSH address if there is one', () => {
    expect(agentCommand(config({ ssh_advertise_addr: '10.1.2.3:54782' })).slice(-2)).toEqual([
      '--maxRunTime=0s',
      '--sshAdvertiseAddr=10.1.2.3:54782',
    ]);
  });

  test.each([
    [0, '0s'],
    [1000, '1µs'],
    [1_500_000_000, '1.5s'],
    [60_000_000_000, '1m0s'],
    [3_600_000_000_000, '1h0m0s'],
    [18_000_000_000_000, '5h0m0s'],
  ])('writes a maximum run time of %d ns as Go does: %s', (max_run_time, text) => {
    expect(agentCommand(config({ max_run_time }))).toContain(`--maxRunTime=${text}`);
  });

  test('splits the agent path at spaces, however many', () => {
    expect(agentCommand(config({ task_agent_path: ' /bin/agent  --flag value ' })).slice(0, 4)).toEqual([
      '/bin/agent',
      '--flag',
      'value',
      '_internal',
    ]);
  });

  test('keeps an allocation or URL with blanks in one argument', () => {
    expect(agentCommand(config({ allocation: 'a b --x' }))).toContain('--allocation=a b --x');
  });
});

describe('the environment', () => {
  const container = Environment.fromObject({
    PATH: '/usr/bin',
    A: '1',
    CIRCLECI_GOAT_CONFIG: '{}',
    HOME: '/root',
  });

  test('has all variables except the orchestrator’s own, and the agent’s directory at the end of PATH', () => {
    expect(entries(agentEnvironment(container, config(), undefined, platform))).toEqual([
      'PATH=/usr/bin:/opt/circleci/bin',
      'A=1',
      'HOME=/root',
    ]);
  });

  test.each(['CIRCLECI_GOAT', 'CIRCLECI_GOAT_', 'CIRCLECI_GOATEE'])('has no %s', (name) => {
    const environment = agentEnvironment(
      Environment.fromObject({ [name]: 'x' }),
      config(),
      undefined,
      platform,
    );
    expect(entries(environment).filter((entry) => entry.startsWith('CIRCLECI_GOAT'))).toEqual([]);
  });

  test('keeps other CircleCI variables', () => {
    const environment = agentEnvironment(
      Environment.fromObject({ CIRCLECI: 'true' }),
      config(),
      undefined,
      platform,
    );
    expect(environment.get('CIRCLECI')).toBe('true');
  });

  test.each([
    ['agent', '/usr/bin'],
    ['agent /not/a/program', '/usr/bin'],
    ['./agent', '/usr/bin:.'],
    ['/agent', '/usr/bin:/'],
    ['/a/b/agent --flag', '/usr/bin:/a/b'],
  ])('for the agent %j has PATH=%s', (task_agent_path, expected) => {
    expect(agentEnvironment(container, config({ task_agent_path }), undefined, platform).get('PATH')).toBe(
      expected,
    );
  });

  test.each([
    [undefined, '/usr/local/bin:/bin:/usr/bin:/opt/circleci/bin'],
    ['', '/opt/circleci/bin'],
  ])('extends a PATH of %j to %s', (PATH, expected) => {
    expect(
      agentEnvironment(Environment.fromObject({ PATH }), config(), undefined, platform).get('PATH'),
    ).toBe(expected);
  });

  test('keeps the bytes of a PATH that is not UTF-8', () => {
    const environment = new Environment([Buffer.from('PATH=/\xff/bin', 'latin1')]);
    expect(entries(agentEnvironment(environment, config(), undefined, platform))).toEqual([
      'PATH=/\xff/bin:/opt/circleci/bin',
    ]);
  });

  test('has the HOME of the user that the agent runs as', () => {
    const user = { uid: 1000, gid: 1000, groups: [], home: '/home/circleci' };
    expect(agentEnvironment(container, config(), user, platform).get('HOME')).toBe('/home/circleci');
    expect(agentEnvironment(Environment.fromObject({}), config(), user, platform).get('HOME')).toBe(
      '/home/circleci',
    );
  });

  test('is a copy, so the environment of the container does not change', () => {
    agentEnvironment(container, config(), { uid: 1, gid: 1, groups: [], home: '/' }, platform);
    expect(container.get('HOME')).toBe('/root');
    expect(container.get('CIRCLECI_GOAT_CONFIG')).toBe('{}');
  });
});
