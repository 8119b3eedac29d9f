/** The memory of this container at one moment. */
export interface ContainerMemory {
  /** Bytes. Undefined: there is no limit. */
  readonly limitBytes: number | undefined;
  /** The number of processes that the OOM killer has killed. */
  readonly oomKills: number;
}

/**
 * @param root the place of the system's files, for tests
 * @returns undefined if the kernel does not count the kills of the OOM killer
 */
export type ReadContainerMemory = (root?: string) => ContainerMemory | undefined;

const smallBytes = 128 * 2 ** 20;

/** Whether this process takes a large part of the limit right after its start. */
export function isSmall(limitBytes: number | undefined): boolean {
  return limitBytes !== undefined && limitBytes < smallBytes;
}
