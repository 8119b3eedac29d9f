import type { ReadContainerMemory } from './container-memory.ts';

/** Windows has no OOM killer, so there is nothing to read. */
export const readContainerMemory: ReadContainerMemory = () => undefined;
