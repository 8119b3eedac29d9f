import { join } from 'node:path';
import { loadImage } from './load.ts';

/** The image of a Pod's first container, which holds its namespaces. */
export const pauseImage = 'localhost/pause:1';

/** Loads it: `FROM scratch`, with the program and nothing else. @param programs the folder with what was built */
export async function loadPauseImage(programs: string): Promise<void> {
  await loadImage(pauseImage, { files: { '/pause': join(programs, 'pause') }, entrypoint: ['/pause'] });
}
