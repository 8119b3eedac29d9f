/** Whether this process may do what only root may: switch users, make cgroups, mount outside of a user namespace. */
export const isRoot = process.getuid?.() === 0;
