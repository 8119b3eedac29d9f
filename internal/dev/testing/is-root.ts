/** Whether this process has root's rights: switch users, make cgroups, mount outside of a user namespace. */
export const isRoot = process.getuid?.() === 0;
