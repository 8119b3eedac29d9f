import { accessSync, constants, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Environment } from '../../internal/environment.ts';
import { StartError } from './processes.ts';

/** The directories that execvp(3) searches without a PATH, with musl's /usr/local/bin. */
const defaultPath = '/usr/local/bin:/bin:/usr/bin';

/**
 * The path to execute for a command's name. A name with a slash is the path itself. For other names it is the
 * first executable file of that name along PATH, as execvp(3) finds it (an empty element is the working
 * directory).
 *
 * @throws StartError if no directory has such a file
 */
export function findProgram(name: string, environment: Environment): string {
  if (name.includes('/')) return name;
  const searchPath = environment.get('PATH') ?? defaultPath;
  const candidates = searchPath
    .split(':')
    .map((directory) => `${directory === '' ? '.' : directory}/${name}`);
  const found = candidates.find(isExecutableFile);
  if (found === undefined)
    throw new StartError(`${JSON.stringify(name)} is not an executable file in any directory of PATH.`);
  return found;
}

/**
 * The environment with `program`'s directory at the end of PATH, if `program` has one. Without a PATH,
 * programs search default directories. The new PATH keeps these.
 */
export function extendSearchPath(environment: Environment, program: string): Environment {
  if (!program.includes('/')) return environment;
  const searchPath = environment.getBytes('PATH') ?? Buffer.from(defaultPath);
  const separator = searchPath.length === 0 ? '' : ':';
  return environment.with(
    'PATH',
    Buffer.concat([searchPath, Buffer.from(`${separator}${dirname(program)}`)]),
  );
}

function isExecutableFile(candidate: string): boolean {
  try {
    accessSync(candidate, constants.X_OK);
    return statSync(candidate).isFile();
  } catch {
    return false;
  }
}
