import { schedulerName } from '../../fake-kubelet/fake-kubelet.ts';

/** The resource classes of a run, and whether their tasks may be handed back although steps have run. */
export const classes = { 'acme/safe': false, 'acme/unsafe': true } as const;
export type ClassName = keyof typeof classes;

/** What the task Pod configuration says of them. Their Pods are the fake kubelet's, and are lost soon if their node is. */
export function classTemplates(): Record<string, unknown> {
  const spec = { schedulerName, terminationGracePeriodSeconds: 5, containers: [{}] };
  return Object.fromEntries(
    Object.entries(classes).map(([name, enableUnsafeRetries]) => [name, { enableUnsafeRetries, spec }]),
  );
}
