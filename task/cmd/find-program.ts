import { accessSync, constants, statSync } from 'node:fs';

/** What execvp(3) searches when there is no PATH, with musl's /usr/local/bin. */
export const defaultPath = '/usr/local/bin:/bin:/usr/bin';

/**
 * The path to execute for a command's name: the name itself if it has a slash, else the first executable file of
 * that name in `searchPath`, as execvp(3) finds it (an empty element is the working directory).
 *
 * @returns undefined when no directory has such a file
 */
export function findProgram(name: string, searchPath: string = defaultPath): string | undefined {
  if (name.includes('/')) {
    return name;
  }
  return searchPath
    .split(':')
    .map((directory) => `${directory === '' ? '.' : directory}/${name}`)
    .find(isExecutableFile);
}

function isExecutableFile(candidate: string): boolean {
  try {
    accessSync(candidate, constants.X_OK);
    return statSync(candidate).isFile();
  } catch {
    return false;
  }
}
