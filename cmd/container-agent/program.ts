import type { Program } from '../../internal/packer/program.ts';

export const program: Program = {
  name: 'container-agent',
  entry: 'cmd/container-agent/main.ts',
  platforms: ['linux'],
  // Without --random-seed: this program uses other people's strings as keys. The options are measured in
  // docs/decisions/memory-of-container-agent.md.
  nodeOptions: [
    // One thread for V8's background work: most of the time it has nothing to do.
    '--v8-pool-size=1',
    // MiB. V8 would let the young generation of a busy controller grow to three times 16.
    '--max-semi-space-size=4',
    // Without this, V8 lets the old generation grow to several times the live data before it collects garbage.
    '--heap-growing-percent=50',
  ],
  rarelyUsed: [],
  startsChildren: false,
};
