import { expect, test } from 'vitest';
import { startFakeRunnerApi } from '../../internal/dev/runner-api/fake-runner-api.ts';
import { startFakeProxy } from '../../internal/dev/testing/fake-proxy.ts';
import { createAuthority } from '../../internal/dev/testing/tls-fixtures.ts';
import { untilTestEnds } from '../../internal/dev/testing/until-test-ends.ts';
import { waitFor } from '../../internal/dev/testing/wait-for.ts';
import { startTestApis } from './test-apis.ts';

test('an unaccepted certificate is explained, after warnings about wrong settings', async () => {
  const apis = await startTestApis();
  const stranger = await createAuthority();
  const secure = untilTestEnds(await startFakeRunnerApi({ tls: await stranger.issue() }));
  const run = await apis.start({
    RUNNER_API: secure.url,
    SSL_CERT_FILE: '/no/such.pem',
    O11Y_FORMAT: 'text',
  });
  await run.printed(
    /a setting is probably wrong problem="\/no\/such\.pem cannot be read: .*setting=SSL_CERT_FILE/,
  );
  await run.printed(
    /a claim failed .*the certificate was not accepted .* and \d+ others; SSL_CERT_FILE is \/no\/such\.pem/,
  );
});

test('only the runner API is called through the proxy', async () => {
  const apis = await startTestApis();
  await using proxy = await startFakeProxy({ leadTo: Number(new URL(apis.runnerApi.url).port) });
  const task = apis.submit({ docker: [{ image: 'cimg/base:current' }] });
  await apis.start({ RUNNER_API: 'http://runner.test', http_proxy: `http://127.0.0.1:${proxy.port}` });
  apis.endPod(await apis.podOfTask(), 3);
  await waitFor('the report', () => task.state === 'failed');
  expect(new Set(proxy.requests.map(({ target }) => new URL(target).host))).toEqual(new Set(['runner.test']));
  expect(proxy.requests.map(({ target }) => new URL(target).pathname)).toContain('/api/v2/task/event/fail');
});

test('a call that is tried again is logged once, with its first failure', async () => {
  const apis = await startTestApis();
  const run = await apis.start({ O11Y_FORMAT: 'text' });
  apis.runnerApi.answer('task-configuration', [{ status: 503 }, { status: 502 }, {}]);
  const configuration = { task_id: '1b1c', docker: [{ image: 'busybox' }] };
  apis.submit(configuration);
  await apis.podOfTask();
  const [first, ...others] = run.stdout.text.split('\n').filter((line) => line.includes('is tried again'));
  expect(first).toMatch(/ WARN a call .*task\/config: HTTP status 503 \(1 attempt .* limit_ms=\d+$/);
  expect(others).toEqual([]);
});

test('a load balancer, a proxy and a login page in place of the runner API cost no task', async () => {
  const apis = await startTestApis();
  const page = { body: '<html>not the runner API</html>' };
  apis.runnerApi.answer('task-configuration', [{ status: 404, ...page }, page, {}]);
  apis.runnerApi.answer('step-start', [{ status: 404, ...page }, {}]);
  const loginPage = { headers: { 'Content-Type': 'text/html; charset=utf-8' }, ...page };
  apis.runnerApi.answer('fail', [
    { status: 403, ...page },
    { status: 404, ...page },
    { status: 200, ...loginPage },
    {},
  ]);
  const task = apis.submit({ docker: [{ image: 'cimg/base:current' }] });
  await apis.start({ RUNNER_CANCELLATION_GRACE: '1m' });
  const pod = await apis.podOfTask();
  const step = () => task.claims.at(-1)?.steps.find(({ output }) => output !== '');
  await waitFor('the lifecycle step', () => step()?.output.includes('was created'));
  apis.endPod(pod, 3);
  await waitFor('the report', () => task.state !== 'claimed');
  expect(task).toMatchObject({ state: 'failed', message: expect.stringContaining('exit status 3') });
  expect(step()).toMatchObject({ end: { result: 'failure' } });
});
