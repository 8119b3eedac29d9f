import { spawnSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { sendStatus } from '../../internal/dev/kubernetes-api/answers.ts';
import type { SeenRequest } from '../../internal/dev/kubernetes-api/fake-kubernetes-api.ts';
import { isRoot } from '../../internal/dev/testing/is-root.ts';
import { readProc } from '../../internal/dev/testing/proc.ts';
import type { RunningProgram } from '../../internal/dev/testing/running-program.ts';
import { scratchFolder } from '../../internal/dev/testing/scratch-folder.ts';
import {
  type ControllerApis,
  collection,
  controllerUrl,
  startController,
  startControllerApis,
} from '../../internal/dev/testing/start-controller.ts';
import { startProgram } from '../../internal/dev/testing/start-program.ts';
import { untilTestEnds } from '../../internal/dev/testing/until-test-ends.ts';
import { waitFor } from '../../internal/dev/testing/wait-for.ts';

/* Follows each secret of the controller to every place that others can read. */

const ofTheJob = 'value-of-a-variable';
const registry = { username: 'me', password: 'password-of-the-registry' };
const proxyPassword = 'password-of-the-proxy';
const basic = Buffer.from(`${registry.username}:${registry.password}`).toString('base64');
const ofOthers = [ofTheJob, registry.password, basic, proxyPassword];

/** The forms in which a server may quote a secret. */
const formsOf = (secret: string) => [secret, Buffer.from(secret).toString('base64')];

/** A job with every kind of secret. */
const configuration = {
  docker: [
    { image: 'cimg/base:current', environment: { KEY: ofTheJob }, auth: registry },
    { image: 'cimg/redis:6', environment: { KEY: ofTheJob } },
  ],
};

/** Text with all secrets of a request: its token, and the content of its object. */
function quote({ authorization = '', body }: SeenRequest): string {
  const { stringData = {} } = (body ?? {}) as { stringData?: Record<string, string> };
  const ofRegistry = '.dockerconfigjson' in stringData ? [registry.password, basic] : [];
  const values = [authorization.replace('Bearer ', ''), ...Object.values(stringData), ...ofRegistry];
  return `admission webhook "w" denied the request: ${values.flatMap(formsOf).join('\n')}`;
}

async function start(apis: ControllerApis, variables: Readonly<Record<string, string>> = {}) {
  const more = {
    KUBE_LOGGING_IMAGE: 'container-agent',
    KUBE_LOGGING_SECRET: 'tokens',
    http_proxy: '',
    HTTPS_PROXY: `http://me:${proxyPassword}@192.0.2.1:3128`,
    ...variables,
  };
  return untilTestEnds(await apis.start(more));
}

/** Everything that the controller shows: its output, and its three pages. */
async function shownBy(run: RunningProgram, url: string): Promise<string> {
  const pages = await Promise.all(
    ['/live', '/ready', '/metrics'].map(async (path) => (await fetch(`${url}${path}`)).text()),
  );
  return [run.stdout.text, run.stderr.text, ...pages].join('\n');
}

function expectNone(secrets: readonly string[], text: string): void {
  for (const form of secrets.flatMap(formsOf)) expect(text).not.toContain(form);
}

test('the secrets of a task are in its Secrets, and in nothing else that is created, reported or shown', async () => {
  const apis = untilTestEnds(await startControllerApis());
  const task = apis.submit(configuration);
  const run = await start(apis, { O11Y_LEVEL: 'debug' });
  const pods = collection('pods');
  const name = await waitFor('the Pod', () => apis.kubernetes.names(pods)[0]);
  const pod = apis.kubernetes.get(pods, name);
  const terminated = { exitCode: 1, reason: 'Error' };
  const containerStatuses = [{ name: 'container-0', state: { terminated } }];
  apis.kubernetes.put(pods, {
    metadata: { name },
    ...pod,
    ...{ status: { phase: 'Failed', containerStatuses } },
  });
  await waitFor('the report', () => task.state === 'failed');
  const created = apis.kubernetes.requests.filter(({ method }) => method === 'POST');
  const secrets = created.filter(({ path }) => path === collection('secrets'));
  const tokens = task.claims.map(({ token }) => token);
  for (const secret of [...tokens, ...ofOthers]) expect(JSON.stringify(secrets)).toContain(secret);
  const others = created.filter((request) => !secrets.includes(request)).map(({ body }) => body);
  const metadata = secrets.map(({ body }) => (body as { metadata: unknown }).metadata);
  const told = [task.message, task.claims.map(({ steps }) => steps)];
  const shown = await shownBy(run, await controllerUrl(run));
  expectNone(
    [...tokens, ...ofOthers, ...Object.values(apis.tokens)],
    JSON.stringify([others, metadata, told]) + shown,
  );
});

test.each([
  ['json', /"msg":"service-work"/],
  ['text', /service-work/],
  ['color', /service-work/],
])('what a server quotes of its request is in no %s line, step or message', async (format, end) => {
  const apis = untilTestEnds(await startControllerApis());
  const task = apis.submit(configuration);
  apis.kubernetes.intercept = (request, response) => {
    const { method, path } = request;
    const isRefused = method === 'POST' || path.endsWith('/events');
    if (isRefused) sendStatus(response, 403, 'Forbidden', quote(request));
    return isRefused;
  };
  const { ofClass } = apis.tokens;
  apis.runnerApi.answer('claim', [
    { status: 401, body: ofClass, headers: { 'X-Token': ofClass } },
    { status: 200, body: ofClass },
    {},
  ]);
  const run = await start(apis, { O11Y_LEVEL: 'debug', O11Y_FORMAT: format });
  await run.printed(end);
  const [, address = ''] = await run.printed(/(127\.0\.0\.1:\d+)/);
  await waitFor('the report', () => task.state === 'failed');
  const shown = await shownBy(run, `http://${address}`);
  expect(task.message).toContain('[REDACTED]');
  expect(shown).toContain('[REDACTED]');
  const tokens = task.claims.map(({ token }) => token);
  const told = JSON.stringify([task.message, task.claims.map(({ steps }) => steps)]);
  expectNone([...tokens, ...ofOthers, ...Object.values(apis.tokens)], told + shown);
});

test('the kernel shows none of its secrets', {
  tags: ['not-emulated/proc-files'],
}, async () => {
  const apis = untilTestEnds(await startControllerApis());
  const run = await start(apis, { RUNNER_TASK_TOKEN: ofTheJob });
  await controllerUrl(run);
  expect(readProc(run.pid, 'environ')).toMatch(/^\0+$/);
  expect(readProc(run.pid, 'cmdline').split('\0').filter(Boolean)).toHaveLength(1);
});

test.runIf(isRoot)(
  'only root with ptrace can read its memory and files',
  {
    tags: ['not-emulated/proc-files'],
  },
  async () => {
    const apis = untilTestEnds(await startControllerApis());
    const run = await start(apis);
    await controllerUrl(run);
    // This runs as the controller's own user, who may signal it. A process that is not dumpable is closed to that user,
    // too.
    const withoutPtrace = ['setpriv', '--bounding-set=-sys_ptrace,-perfmon,-sys_admin', '--'];
    for (const file of ['environ', 'mem', 'maps', 'fd/1']) {
      const [command = '', ...rest] = [...withoutPtrace, 'head', '-c1', `/proc/${run.pid}/${file}`];
      const { status, stderr } = spawnSync(command, rest);
      expect({ file, status, stderr: String(stderr) }).toMatchObject({
        status: 1,
        stderr: expect.stringContaining('Permission denied'),
      });
    }
  },
);

test('a crash leaves no core dump', { tags: ['not-emulated/caught-signals'] }, async () => {
  const pattern = await readFile('/proc/sys/kernel/core_pattern', 'utf8');
  const apis = untilTestEnds(await startControllerApis());
  const [cwd, elsewhere] = [scratchFolder(), scratchFolder()];
  const through = ['prlimit', '--core=unlimited:unlimited'];
  // A dumpable process shows whether this machine writes dumps into the current folder.
  await using control = await startProgram(['sh', '-c', 'kill -SEGV $$'], { cwd: elsewhere, through });
  expect((await control.exited).signal).toBe('SIGSEGV');
  expect(await readdir(elsewhere)).toHaveLength(/^[|/]/.test(pattern) ? 0 : 1);
  await using run = await startController(apis.variables, { cwd, through });
  await controllerUrl(run);
  run.signal('SIGSEGV');
  expect((await run.exited).signal).toBe('SIGSEGV');
  expect(await readdir(cwd)).toEqual([]);
});
