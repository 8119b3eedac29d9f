import { expect, test } from 'vitest';
import { testKubernetes } from '../../clients/kubernetes/fixtures/test-kubernetes.ts';
import { RecordingLogger } from '../../internal/dev/testing/recording-logger.ts';
import { RecordingRunnerApi } from '../life/fixtures/recording-runner-api.ts';
import { ServiceLog } from './service-log.ts';

test('the step of a late service claims nothing about it if its Pod could not be watched', async () => {
  const { client } = await testKubernetes();
  const runnerApi = new RecordingRunnerApi();
  const service = { container: 'container-1', image: 'redis' };
  const log = new ServiceLog(service, 1, {
    pod: 'pod',
    services: [service],
    readinessFile: '/unused',
    readinessLimitMs: 60_000,
    taskToken: 'token',
    client,
    steps: runnerApi.steps,
    logger: new RecordingLogger(),
  });
  log.noteLate();
  await log.end();
  const line = 'The service is not known to have started within 1m0s: the job begins without it.\n';
  expect(runnerApi.output.get(97)).toBe(line);
});
