/**
 * Ends the process at once. Node's own exit waits for pool threads, and a stalled log reader may block one of
 * them in a write.
 */
export type ExitNow = (status: number) => never;

/** Lets the signals through that the launcher holds back since the start. Listeners must exist. */
export type ReleaseHeldSignals = () => void;

/** Gives memory back that is not needed for now: freed allocations, and the code that only a start or a busy time uses. */
export type TrimMemory = () => void;

/**
 * Sets the name of the process for tools that list processes, if it differs from its file's name: 15 bytes at
 * most.
 */
export type NameProcess = (name: string) => void;
