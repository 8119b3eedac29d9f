/** The longest wait for anything that a controller or a task's Pod does, much longer than a busy machine needs. */
export const patience = { limitMs: 180_000, everyMs: 250 };
