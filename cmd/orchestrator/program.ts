import type { Program } from '../../internal/packer/program.ts';

/**
 * V8 derives three prime numbers from it to hash strings with, at every start: with this seed the search is short
 * (docs/decisions/start-up-time.md). Hashes and Math.random() are the same in every process then: what has to differ needs
 * node:crypto, and a server that takes strings of others as keys may not have a fixed seed. Only the container runner gives
 * any to this program.
 */
export const randomSeed = 32;

export const program: Program = {
  name: 'orchestrator',
  entry: 'cmd/orchestrator/main.ts',
  platforms: ['linux', 'windows'],
  nodeOptions: [
    `--random-seed=${randomSeed}`,
    // One thread for V8's background work, instead of four that would each cost memory and be idle.
    '--v8-pool-size=1',
    // MiB. V8 doubles the young generation whenever as much has survived as it holds, in hours or in seconds, up to 16.
    '--max-semi-space-size=1',
  ],
  // For a report only, which is not made of a task that ends well.
  rarelyUsed: ['clients/runner/client.ts'],
  startsChildren: true,
  secretOption: '--config',
};
