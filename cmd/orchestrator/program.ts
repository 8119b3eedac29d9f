import type { Program } from '../../internal/packer/program.ts';

/**
 * V8 derives three prime numbers for string hashes from the seed at every start. With this seed the search is
 * short (docs/decisions/start-up-time.md). The price: hashes and Math.random() are the same in every process.
 * Values that have to differ need node:crypto, and a server that uses other people's strings as keys must not
 * have a fixed seed. This program only gets strings from the container runner.
 */
export const randomSeed = 32;

export const program: Program = {
  name: 'orchestrator',
  entry: 'cmd/orchestrator/main.ts',
  platforms: ['linux', 'windows'],
  nodeOptions: [
    `--random-seed=${randomSeed}`,
    // One thread for V8's background work. Four threads would cost memory and be idle.
    '--v8-pool-size=1',
    // In MiB. V8 otherwise doubles the young generation up to 16, whenever survivors fill it.
    '--max-semi-space-size=1',
  ],
  // Only needed for a report. A task that succeeds is not reported.
  rarelyUsed: ['clients/runner/client.ts'],
  startsChildren: true,
  secretOption: '--config',
};
