import { annotations, labels, registrySecretName } from '../names/names.ts';
import type { FoundObject, FoundPod } from './found-object.ts';
import { followLocks, type Lock, readLock } from './lock.ts';

/** The objects of one task in the namespace. */
export interface FoundTask {
  /** The name of its Pod and of its Secret. */
  readonly name: string;
  /** The instance that has created its objects. Undefined as for `owner`. */
  readonly maker: string | undefined;
  /** The instance that has the task now. Undefined if its objects do not say, like those of other programs. */
  readonly owner: string | undefined;
  /** Whether its objects name their task. All objects of this program do. */
  readonly isOurs: boolean;
  readonly pod: FoundPod | undefined;
  /**
   * The Secret with the task's token. It exists from before the Pod until the task's end has been reported. One that is
   * being deleted no longer counts.
   */
  readonly secret: FoundObject | undefined;
  readonly registrySecret: FoundObject | undefined;
  readonly locks: readonly Lock[];
}

/** Groups objects by name: a Pod has the name of its task's Secret. */
export function takeInventory(pods: readonly FoundPod[], secrets: readonly FoundObject[]): FoundTask[] {
  const locks = secrets.flatMap((secret) => readLock(secret) ?? []);
  const lockNames = new Set(locks.map(({ name }) => name));
  const others = new Map(
    secrets.filter((secret) => !lockNames.has(nameOf(secret))).map((secret) => [nameOf(secret), secret]),
  );
  const podsByName = new Map(pods.map((pod) => [nameOf(pod), pod]));
  const locksByTask = Map.groupBy(locks, ({ task }) => task);
  const names = new Set([
    ...podsByName.keys(),
    ...[...others.keys()].map((name) => taskOf(name)),
    ...locksByTask.keys(),
  ]);
  return [...names].map((name) => {
    const pod = podsByName.get(name);
    const record = others.get(name);
    // Somebody's finalizer may keep it for ever.
    const secret = record?.metadata.deletionTimestamp === undefined ? record : undefined;
    const registrySecret = others.get(registrySecretName(name));
    const own = locksByTask.get(name) ?? [];
    const objects = [pod, record, registrySecret].filter((object) => object !== undefined);
    const maker = makerOf(objects, own);
    return {
      name,
      maker,
      owner: maker === undefined ? undefined : followLocks(name, maker, own),
      isOurs: objects.every(({ metadata }) => metadata.annotations?.[annotations.taskId] !== undefined),
      pod,
      secret,
      registrySecret,
      locks: own,
    };
  });
}

function makerOf(objects: readonly FoundObject[], locks: readonly Lock[]): string | undefined {
  // The value of a label may be empty.
  const [labelled] = objects.flatMap(({ metadata }) => metadata.labels?.[labels.instance] || []);
  // Only locks may be left of a task that is gone. The first of them is the one that follows no other.
  return labelled ?? locks.find(({ from }) => !locks.some(({ owner }) => owner === from))?.from;
}

function taskOf(secretName: string): string {
  const suffix = registrySecretName('');
  return secretName.endsWith(suffix) ? secretName.slice(0, -suffix.length) : secretName;
}

function nameOf({ metadata }: FoundObject): string {
  return metadata.name ?? '';
}
