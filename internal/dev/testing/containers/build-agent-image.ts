import { Argument, Command } from 'commander';
import type { Architecture } from '../../../packer/architecture.ts';
import { buildAgentImage } from './task-images.ts';

/* Builds an image with the fake agent in the place of the real one. */
const command = new Command('build-agent-image.ts')
  .argument('<IMAGE>')
  .addArgument(new Argument('<ARCHITECTURE...>').choices(['amd64', 'arm64']))
  .parse();
const [image, architectures] = command.processedArgs as [string, Architecture[]];
await buildAgentImage(image, architectures);
