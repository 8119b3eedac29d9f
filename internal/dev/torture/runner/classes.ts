import { schedulerName } from '../../fake-kubelet/fake-kubelet.ts';

/** The resource classes of a run, and whether their tasks may be handed back even if steps have run. */
export const classes = { 'acme/safe': false, 'acme/unsafe': true } as const;
export type ClassName = keyof typeof classes;

/** The classes' templates. Their Pods run on the fake kubelet, and are soon lost if their node is lost. */
export function classTemplates(): Record<string, unknown> {
  const spec = { schedulerName, terminationGracePeriodSeconds: 5, containers: [{}] };
  return Object.fromEntries(
    Object.entries(classes).map(([name, enableUnsafeRetries]) => [name, { enableUnsafeRetries, spec }]),
  );
}
