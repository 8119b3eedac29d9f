/** The default limits of the init container in the container runner's chart: 50m CPU and 64 MiB of memory. */
export const initLimits = ['--cpus=0.05', '--memory=64m', '--memory-swap=64m'] as const;
