import { expect, test } from 'vitest';
import { overrideOptions } from '../../cmd/orchestrator/options.ts';
import { parseConfig } from '../../task/config.ts';
import { readinessTimeoutMs } from '../../task/readiness-file.ts';
import { killLimitMs, terminateLimitMs } from '../../task/termination.ts';
import { readinessLimitMs } from '../collect-logs/collection.ts';
import { podOf, services, sketchPlan, taskToken, withSpec } from './fixtures/plans.ts';
import { configVariable, orchestratorConfig } from './orchestrator-interface.ts';

/* The two programs share no code for their interface. So these tests read what one of them writes with the code of the other. */

test('the orchestrator reads every field of the configuration', () => {
  const plan = sketchPlan({
    docker: [
      { ...services[0], entrypoint: ['tini', '--'], command: 'sleep 1', user: 'circleci' },
      services[1] ?? {},
    ],
    resourceClass: { unsafeRetries: true },
    settings: { maxRunTimeMs: 90_500 },
  });
  const ssh = { advertiseAddress: 'ssh.example.com:54782', portName: 'ssh-54782', port: 54_782 };
  const text = orchestratorConfig({ ...plan, ssh });
  const config = parseConfig(text);
  expect(Object.keys(JSON.parse(text)).sort()).toEqual(Object.keys(config).sort());
  expect(config).toEqual({
    cmd: ['tini', '--', ...(plan.task.docker[0]?.command ?? [])],
    user: 'circleci',
    task_id: plan.task.taskId,
    token: taskToken,
    readiness_file_path: plan.platform.readinessFile,
    enable_unsafe_retries: true,
    task_agent_path: plan.platform.taskAgent,
    runner_api_base_url: plan.settings.runnerApiUrl,
    allocation: plan.claim.allocation,
    ssh_advertise_addr: ssh.advertiseAddress,
    max_run_time: 90_500_000_000n,
  });
});

test('the configuration is in the variable that the orchestrator reads', () => {
  expect(configVariable).toBe(overrideOptions.config.variable);
});

test.each([overrideOptions.terminationGracePeriod, overrideOptions.shutdownDelay])(
  '$variable and its default are those of the orchestrator',
  ({ default: usual, parse, variable }) => {
    const secondsWith = (env: object[]) =>
      podOf(withSpec({ containers: [{ env }] })).spec?.terminationGracePeriodSeconds ?? 0;
    expect(secondsWith([{ name: variable, value: usual }])).toBe(secondsWith([]));
    expect(secondsWith([{ name: variable, value: '500s' }]) - secondsWith([])).toBe(
      500 - parse(usual) / 1000,
    );
  },
);

test('the Pod has time for all that the orchestrator waits for, and a minute for its report', () => {
  const { parse, default: usual } = overrideOptions.terminationGracePeriod;
  const ms = parse(usual) + terminateLimitMs + killLimitMs + 60_000;
  expect(podOf(withSpec({ containers: [{}] })).spec?.terminationGracePeriodSeconds).toBe(
    Math.ceil(ms / 1000),
  );
});

test('a template with the orchestrator’s variable for a custom entrypoint runs it', () => {
  const env = [{ name: overrideOptions.entrypoint.variable, value: 'tini,--' }];
  const commandOf = (spec: object) => podOf(withSpec(spec)).spec?.containers[0]?.command;
  expect(commandOf({ containers: [{ env }] })).toContain('override');
  expect(commandOf({})).toContain('run-task');
});

test('the logging container lets a task begin before the orchestrator gives it up', () => {
  expect(readinessLimitMs).toBeLessThan(readinessTimeoutMs);
});
