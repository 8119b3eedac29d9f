/** Ends the process at once: Node's own exit waits for pool threads, which a stalled log reader may hold in a write. */
export type ExitNow = (status: number) => never;

/** Names the process for tools that list processes, where it has not the name of its file: 15 bytes at most. */
export type NameProcess = (name: string) => void;
