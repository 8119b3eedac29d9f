/**
 * Ends the process at once. Node's own exit waits for pool threads, and a stalled log reader may block one of
 * them in a write.
 */
export type ExitNow = (status: number) => never;

/**
 * Sets the name of the process for tools that list processes, if it differs from its file's name: 15 bytes at
 * most.
 */
export type NameProcess = (name: string) => void;
