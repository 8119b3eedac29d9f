/** The memory of this container, as it was when somebody looked. */
export interface ContainerMemory {
  /** Bytes; undefined: there is no limit. */
  readonly limitBytes: number | undefined;
  /** How often the OOM killer had struck. */
  readonly oomKills: number;
}

/**
 * @param root where the system's files are, for tests
 * @returns undefined where nobody counts what the OOM killer does
 */
export type ReadContainerMemory = (root?: string) => ContainerMemory | undefined;

const smallBytes = 128 * 2 ** 20;

/** Whether this process, as large as it is after its start, is a good part of all there may be. */
export function isSmall(limitBytes: number | undefined): boolean {
  return limitBytes !== undefined && limitBytes < smallBytes;
}
