import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeCircleCi, goodToken } from './fake-circleci.ts';

let api: FakeCircleCi;

beforeEach(async () => {
  api = await FakeCircleCi.start();
});

afterEach(() => api[Symbol.asyncDispose]());

function start(variables: Record<string, string>) {
  return execa(process.execPath, [join(import.meta.dirname, 'smoke-tests.ts')], {
    env: { CIRCLE_HOST: api.host, CIRCLE_API_TOKEN: goodToken, ...variables },
    extendEnv: false,
    reject: false,
  });
}

test('runs both drivers, ends with 0 if both pass, and says so last', async () => {
  api.addWorkflow('machine', 'success');
  api.addWorkflow('kubernetes', 'success');
  const { exitCode, stdout, stderr } = await start({});
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout.split('\n').slice(-2)).toEqual([
    expect.stringMatching(/^\S+Z machine: PASSED: success http/),
    expect.stringMatching(/^\S+Z kubernetes: PASSED: success http/),
  ]);
});

test('ends with 1 when one of them fails', async () => {
  api.addWorkflow('machine', 'success');
  api.addWorkflow('kubernetes', 'failed');
  const { exitCode, stdout } = await start({});
  expect(exitCode).toBe(1);
  expect(stdout).toContain('machine: PASSED');
  expect(stdout).toContain('kubernetes: FAILED: failed');
});

test('triggers nothing for a driver that is left out', async () => {
  const { exitCode, stdout } = await start({
    SMOKE_TESTS_MACHINE_SKIP: '1',
    SMOKE_TESTS_KUBERNETES_SKIP: '1',
  });
  expect({ exitCode, requests: api.requests }).toEqual({ exitCode: 0, requests: [] });
  expect(stdout).toContain('all smoke tests are skipped');
});

test('ends with 80 and one line when a setting is wrong', async () => {
  const { exitCode, stderr } = await start({ CIRCLE_API_TOKEN: '' });
  expect(exitCode).toBe(80);
  expect(stderr).toMatch(/^smoke-tests: The API token for the machine tests is missing: .*$/);
});

test('cancels its workflows, and ends with 143, when it gets SIGTERM', async () => {
  api.addWorkflow('kubernetes', 'running');
  const running = start({ SMOKE_TESTS_MACHINE_SKIP: '1' });
  api.onPolled = (times) => times === 1 && running.kill('SIGTERM');
  const { exitCode, stdout } = await running;
  expect(exitCode).toBe(143);
  expect(stdout).toContain('interrupted by SIGTERM');
  expect(api.workflows).toMatchObject([{ status: 'canceled' }]);
});
