/** A call of the runner API. Its path may stand behind any prefix. */
interface Route {
  readonly call: string;
  readonly path: string;
  /** The field of its body with the key of the call, if it has one. */
  readonly keyField?: string;
}

/** Every call that the fake knows. */
export const routes = [
  { call: 'claim', path: '/api/v3/runner/claim' },
  { call: 'task-configuration', path: '/api/v2/task/config' },
  { call: 'unclaim', path: '/api/v3/runner/unclaim', keyField: 'task_id' },
  { call: 'fail', path: '/api/v2/task/event/fail', keyField: 'allocation' },
  { call: 'step-start', path: '/api/v2/step/start' },
  { call: 'step-output', path: '/api/v2/step/output' },
  { call: 'step-end', path: '/api/v2/step/end' },
] as const satisfies readonly Route[];

export type FakeCall = (typeof routes)[number]['call'];

/** The route of a request's path. Undefined for any other path. */
export function routeOf(path: string): (Route & { readonly call: FakeCall }) | undefined {
  return routes.find((route) => path.endsWith(route.path));
}
