import type { ReadContainerMemory } from './container-memory.ts';

/** Nothing is known about memory that ran out: Windows has no OOM killer. */
export const readContainerMemory: ReadContainerMemory = () => undefined;
