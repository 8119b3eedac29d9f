import { setTimeout as sleep } from 'node:timers/promises';

const project = 'github/circleci/runner-smoke-tests';
const workflowName = 'kubernetes';
const endings = new Set(['success', 'failed', 'error', 'canceled', 'unauthorized']);

export interface SmokeTests {
  readonly host: string;
  readonly token: string;
  readonly branch: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly pollMs: number;
  /** How long the workflow may take; then it is cancelled. */
  readonly limitMs: number;
  readonly log: (line: string) => void;
}

interface Workflow {
  readonly id: string;
  readonly name: string;
  readonly status: string;
}

/**
 * Starts the pipeline of the smoke tests and waits for its workflow for Kubernetes to succeed.
 * https://circleci.com/docs/api/v2
 *
 * @throws Error that says how the workflow ended, or that the API did not do what it was asked
 */
export async function runSmokeTests(tests: SmokeTests): Promise<void> {
  const { branch, parameters, limitMs, log } = tests;
  const pipeline = await call<{ id: string; number: number }>(tests, 'POST', `project/${project}/pipeline`, {
    branch,
    parameters,
  });
  log(`pipeline ${pipeline.number} is started: ${tests.host}/pipelines/${project}/${pipeline.number}`);
  const end = Date.now() + limitMs;
  let workflow: Workflow | undefined;
  while (!workflow || !endings.has(workflow.status)) {
    if (Date.now() > end) {
      if (workflow) await call(tests, 'POST', `workflow/${workflow.id}/cancel`);
      throw new Error(
        `the smoke tests have not ended after ${limitMs / 60_000} min: ${workflow?.status ?? 'no workflow'}`,
      );
    }
    await sleep(tests.pollMs);
    const { items } = await call<{ items: Workflow[] }>(tests, 'GET', `pipeline/${pipeline.id}/workflow`);
    workflow = items.findLast(({ name }) => name === workflowName); // The newest comes first; a rerun is not ours.
  }
  log(`workflow ${workflow.id} has ended: ${workflow.status}`);
  if (workflow.status !== 'success') throw new Error(`the smoke tests have ended with ${workflow.status}`);
}

async function call<T>(tests: SmokeTests, method: string, route: string, body?: unknown): Promise<T> {
  const response = await fetch(`${tests.host}/api/v2/${route}`, {
    method,
    headers: { 'Circle-Token': tests.token, 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(30_000),
  });
  if (!response.ok)
    throw new Error(`${method} ${route} was answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}
