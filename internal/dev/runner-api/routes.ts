/** A call of the runner API. Its path may stand behind any prefix. */
interface Route {
  readonly call: string;
  readonly path: string;
  /** The field of its body with the key of the call. */
  readonly keyField: string;
}

/** Every call that the fake knows. */
export const routes = [
  { call: 'unclaim', path: '/api/v3/runner/unclaim', keyField: 'task_id' },
  { call: 'fail', path: '/api/v2/task/event/fail', keyField: 'allocation' },
] as const satisfies readonly Route[];

export type FakeCall = (typeof routes)[number]['call'];

/** The route of a request's path. Undefined for any other path. */
export function routeOf(path: string): (Route & { readonly call: FakeCall }) | undefined {
  return routes.find((route) => path.endsWith(route.path));
}
