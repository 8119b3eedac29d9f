import { runSmokeTests } from './run-smoke-tests.ts';

/* Reads what ./do help smoke-tests lists. */
const { CIRCLE_API_TOKEN, CIRCLE_HOST, CIRCLE_BUILD_URL, SMOKE_TESTS_BRANCH, SMOKE_TESTS_VERSION } =
  process.env;
if (!CIRCLE_API_TOKEN)
  throw new Error(
    'CIRCLE_API_TOKEN is not set: it has to be allowed to start pipelines of circleci/runner-smoke-tests',
  );
await runSmokeTests({
  host: CIRCLE_HOST || 'https://circleci.com',
  token: CIRCLE_API_TOKEN,
  branch: SMOKE_TESTS_BRANCH || 'main',
  parameters: {
    driver: 'kubernetes',
    trigger_source: CIRCLE_BUILD_URL || 'dev',
    version: SMOKE_TESTS_VERSION || 'edge',
    kubernetes_runner_init_tag: process.env.SMOKE_TESTS_KUBERNETES_RUNNER_INIT_TAG ?? '',
    kubernetes_helm_chart_branch: process.env.SMOKE_TESTS_KUBERNETES_HELM_CHART_BRANCH ?? '',
  },
  pollMs: 5_000,
  limitMs: 20 * 60_000,
  log: console.log,
});
