import type { ContainerState } from 'kubernetes-types/core/v1.d.ts';
import type { KnownContainer, KnownContainerStatus, KnownEvent, KnownPod } from '../verdict/known-pod.ts';
import { oneLine } from '../verdict/words.ts';

/**
 * Describes a Pod as an operator would look it up: its node, its conditions, its containers with their resources and
 * states, and the events about it. Variables are shown without their values.
 *
 * @returns lines
 */
export function describePod(pod: KnownPod, events: readonly KnownEvent[]): string[] {
  const { metadata = {}, spec, status } = pod;
  const statuses = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
  return [
    field('Name', metadata.name),
    field('Namespace', metadata.namespace),
    field('Node', spec?.nodeName ?? '(none)'),
    field('Labels', pairs(metadata.labels)),
    field('Annotations', pairs(metadata.annotations)),
    field('Status', [status?.phase, status?.reason, status?.message].filter(Boolean).join(', ')),
    field('IP', status?.podIP ?? '(none)'),
    'Conditions:',
    ...(status?.conditions ?? []).map(
      ({ message, reason, status, type }) =>
        `  ${type}=${status}${reason ? ` (${reason})` : ''}${message ? `: ${oneLine(message)}` : ''}`,
    ),
    'Containers:',
    ...containers.flatMap((container) =>
      describeContainer(
        container,
        statuses.find(({ name }) => name === container.name),
      ),
    ),
    'Events:',
    ...events.map((event) => `  ${describeEvent(event)}`),
  ];
}

/** One event on one line: its type, reason, count if it came more than once, and words. */
export function describeEvent({ count = 1, message = '', reason = '', type = '' }: KnownEvent): string {
  return `${type} ${reason}${count > 1 ? ` (${count} times)` : ''}: ${oneLine(message)}`;
}

/** The requests and limits of the Pod's containers. They come from the created Pod: a namespace may change them. */
export function describeResources(pod: KnownPod): string[] {
  return (pod.spec?.containers ?? []).map(
    ({ name, image = '', resources }) =>
      `${name} (image ${image}): requests ${pairs(resources?.requests) || 'nothing'}, limits ${pairs(resources?.limits) || 'none'}`,
  );
}

function describeContainer(container: KnownContainer, status: KnownContainerStatus | undefined): string[] {
  const { env = [], image = '', name, resources } = container;
  return [
    `  ${name}:`,
    `  ${field('Image', image)}`,
    `  ${field('Requests', pairs(resources?.requests))}`,
    `  ${field('Limits', pairs(resources?.limits))}`,
    `  ${field('Variables', env.map((variable) => variable.name).join(', '))}`,
    `  ${field('State', describeState(status?.state))}`,
    `  ${field('Ready', String(status?.ready ?? false))}`,
  ];
}

function describeState({ running, terminated, waiting }: ContainerState = {}): string {
  if (running) return `running since ${running.startedAt ?? '(unknown)'}`;
  if (terminated) {
    const { exitCode, message, reason } = terminated;
    return `ended with exit status ${exitCode}${reason ? ` (${reason})` : ''}${message ? `: ${oneLine(message)}` : ''}`;
  }
  if (waiting)
    return `waiting: ${[waiting.reason, waiting.message]
      .filter(Boolean)
      .map((text) => oneLine(text ?? ''))
      .join(': ')}`;
  return 'unknown';
}

function field(name: string, value: string | undefined): string {
  return `  ${name}: ${value ?? ''}`.trimEnd();
}

function pairs(values: object | undefined): string {
  return Object.entries(values ?? {})
    .map(([key, value]) => `${key}=${oneLine(String(value))}`)
    .join(', ');
}
