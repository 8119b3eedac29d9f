/** The default limits of the init container in the container runner's chart. */
export const initLimits = ['--cpus=0.05', '--memory=64m', '--memory-swap=64m'] as const;
