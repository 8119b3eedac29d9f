import { join } from 'node:path';
import { loadImage } from './load.ts';

/** The image of a Pod's first container, which holds its namespaces. */
export const pauseImage = 'localhost/pause:1';

/** Loads the pause image: `FROM scratch` and the program. @param programs the folder with the built programs */
export async function loadPauseImage(programs: string): Promise<void> {
  await loadImage(pauseImage, { files: { '/pause': join(programs, 'pause') }, entrypoint: ['/pause'] });
}
