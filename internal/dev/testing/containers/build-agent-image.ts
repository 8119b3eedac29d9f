import { parseArchitecture } from '../../../packer/architecture.ts';
import { buildAgentImage } from './task-images.ts';

/* Builds an image with the fake agent in the place of the real one: build-agent-image.ts IMAGE ARCHITECTURE… */
const [image, ...architectures] = process.argv.slice(2);
if (!image || architectures.length === 0) throw new Error('usage: build-agent-image.ts IMAGE ARCHITECTURE…');
await buildAgentImage(image, architectures.map(parseArchitecture));
