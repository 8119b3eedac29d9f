/**
 * Ends the process at once. Node's own exit waits for pool threads, and a stalled log reader may block one of
 * them in a write.
 */
export type ExitNow = (status: number) => never;

/** Releases the signals that the launcher has held back since the start. Listeners must exist. */
export type ReleaseHeldSignals = () => void;

/** Releases memory that is not needed for now: freed allocations, and code that only a start or a busy time uses. */
export type TrimMemory = () => void;

/**
 * Sets the name of the process, at most 15 bytes, for tools that list processes, if it differs from its file's name.
 */
export type NameProcess = (name: string) => void;
