import type { Program } from '../../internal/packer/program.ts';

export const program: Program = {
  name: 'container-agent',
  entry: 'cmd/container-agent/main.ts',
  platforms: ['linux'],
  // V8's hashes are seeded anew by every process: this program uses other people's strings as keys.
  nodeOptions: [],
  rarelyUsed: [],
  startsChildren: false,
};
