import type { ContainerStateTerminated } from 'kubernetes-types/core/v1.d.ts';
import { loggingContainerName } from '../names/names.ts';
import {
  describeContainer,
  endOf,
  listContainers,
  type ObservedContainer,
  primaryOf,
} from '../verdict/container.ts';
import { describeContainerEnd } from '../verdict/container-end.ts';
import { findDisruption } from '../verdict/disruption.ts';
import type { KnownEvent, KnownPod } from '../verdict/known-pod.ts';
import type { PodView } from '../verdict/pod-view.ts';
import { capitalized, oneLine } from '../verdict/words.ts';
import { describeEvent, describeResources } from './describe-pod.ts';

/** Writes a line of the step. */
export type Tell = (line: string) => void;

/**
 * Shows the life of a Pod, each fact once: its events as they come, each new reason why it is not scheduled, its node,
 * an announced disruption, the ends of its service containers, and early ends of the logging container and of others.
 */
export class LifecycleJournal {
  readonly #tell: Tell;
  readonly #told = new Set<string>();
  #unscheduled = '';
  #node = '';

  constructor(tell: Tell) {
    this.#tell = tell;
  }

  /** Looks at a Pod, and shows what is new. */
  look({ events, pod }: PodView): void {
    if (pod === undefined) return;
    this.#lookAtNode(pod);
    for (const event of events) this.#lookAtEvent(event);
    this.#lookAtDisruption(pod);
    this.#lookAtServices(pod);
    this.#lookAtHelpers(pod);
    this.#lookAtLogging(pod);
  }

  #lookAtNode({ spec, status }: KnownPod): void {
    const message = status?.conditions?.find(({ type }) => type === 'PodScheduled')?.message ?? '';
    if (message !== '' && message !== this.#unscheduled && !spec?.nodeName) {
      this.#unscheduled = message;
      this.#tell(`The Pod waits for a node: ${message}`);
    }
    const node = spec?.nodeName ?? '';
    if (node === '' || node === this.#node) return;
    this.#node = node;
    this.#tell(`The Pod is on the node ${node}.`);
    for (const line of describeResources({ spec } as KnownPod)) this.#tell(line);
  }

  #lookAtEvent(event: KnownEvent): void {
    const id = `${event.metadata.uid} ${event.count ?? 1}`;
    if (this.#told.has(id)) return;
    this.#told.add(id);
    // The reason why the Pod is not scheduled is shown below when it changes, not once for each try.
    if (event.reason !== 'FailedScheduling') this.#tell(describeEvent(event));
  }

  /** A disruption is only announced while the task continues. */
  #lookAtDisruption(pod: KnownPod): void {
    const disruption = findDisruption(pod);
    if (disruption === undefined || this.#told.has(disruption.name)) return;
    this.#told.add(disruption.name);
    const words = disruption.words === '' ? '' : `: ${disruption.words}`;
    this.#tell(`The Pod is disrupted (${disruption.name})${words}`);
  }

  #lookAtServices(pod: KnownPod): void {
    for (const container of listContainers(pod)) {
      const ended = container.status?.state?.terminated;
      if (container.role === 'service' && ended !== undefined) this.#tellOfEnd(pod, container, ended);
    }
  }

  /**
   * Other containers of the template, such as a proxy or a Docker daemon. If one ends before the task, or a sidecar is
   * started again, no event says so. Only the first end is shown: a sidecar may end again and again.
   */
  #lookAtHelpers(pod: KnownPod): void {
    if (isTaskOver(pod)) return;
    for (const container of listContainers(pod)) {
      const ended = endOf(container);
      const isOther = container.role === 'helper' && container.name !== loggingContainerName;
      if (isOther && ended !== undefined) this.#tellOfEnd(pod, container, ended);
    }
  }

  #tellOfEnd(pod: KnownPod, container: ObservedContainer, ended: ContainerStateTerminated): void {
    if (this.#told.has(container.name)) return;
    this.#told.add(container.name);
    const subject = capitalized(describeContainer(container));
    const more = isTaskOver(pod) ? '' : ' The task goes on.';
    this.#tell(`${subject} has ended: ${describeContainerEnd(ended)}.${more}`);
  }

  /** If it ends before the task, nothing else shows why the output of services is missing, or why the task waits. */
  #lookAtLogging(pod: KnownPod): void {
    const logging = listContainers(pod).find(({ name }) => name === loggingContainerName);
    const ended = logging?.status?.state?.terminated;
    if (ended === undefined || isTaskOver(pod) || this.#told.has(loggingContainerName)) return;
    this.#told.add(loggingContainerName);
    const words = oneLine(ended.message ?? '');
    const quoted = words === '' ? '' : ` Its last words said: ${words}`;
    this.#tell(
      `The logging container ${loggingContainerName} (image ${logging?.image}) has ended before the task: ${describeContainerEnd(ended)}.${quoted}`,
    );
    this.#tell(
      'From now on the output of services is lost, and a task that has not begun waits in vain. Look at KUBE_LOGGING_IMAGE.',
    );
  }
}

/** Whether the other containers of the Pod end because the task does. */
function isTaskOver(pod: KnownPod): boolean {
  const primary = primaryOf(pod);
  const isEnding = pod.metadata?.deletionTimestamp !== undefined || pod.status?.phase === 'Failed';
  return isEnding || (primary && endOf(primary)) !== undefined;
}
