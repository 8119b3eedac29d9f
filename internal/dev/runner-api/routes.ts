/** A call of the runner API. Its path may stand behind any prefix. */
interface Route {
  readonly call: string;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** The field of its body with the key of the call, if it has one. */
  readonly keyField?: string;
}

/** Every call that the server knows. */
export const routes = [
  { call: 'claim', method: 'POST', path: '/api/v3/runner/claim' },
  { call: 'task-configuration', method: 'GET', path: '/api/v2/task/config' },
  { call: 'unclaim', method: 'POST', path: '/api/v3/runner/unclaim', keyField: 'task_id' },
  { call: 'fail', method: 'POST', path: '/api/v2/task/event/fail', keyField: 'allocation' },
  { call: 'step-start', method: 'POST', path: '/api/v2/step/start' },
  { call: 'step-output', method: 'POST', path: '/api/v2/step/output' },
  { call: 'step-end', method: 'POST', path: '/api/v2/step/end' },
  // For the owner of the tasks, with other credentials.
  { call: 'runners', method: 'GET', path: '/api/v3/runner' },
  { call: 'unclaimed-tasks', method: 'GET', path: '/api/v3/runner/tasks' },
  { call: 'running-tasks', method: 'GET', path: '/api/v3/runner/tasks/running' },
  // How a real task agent reports is not public. The agents of our tests and demos make this call, with the task's
  // token.
  { call: 'agent-success', method: 'POST', path: '/dev/agent/success' },
] as const satisfies readonly Route[];

export type FakeCall = (typeof routes)[number]['call'];

/** The route of a request. Undefined for any other method or path. */
export function routeOf(method: string, url: string): (Route & { readonly call: FakeCall }) | undefined {
  const [path = ''] = url.split('?');
  return routes.find((route) => route.method === method && path.endsWith(route.path));
}
