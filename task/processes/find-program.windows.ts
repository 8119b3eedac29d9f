import { statSync } from 'node:fs';
import { win32 as path } from 'node:path';
import type { Environment } from '../../internal/environment.ts';
import { StartError } from './processes.ts';

/** The extensions that cmd.exe uses without a PATHEXT. */
const defaultExtensions = '.com;.exe;.bat;.cmd';

/**
 * The path to start for a command's name. As usual on Windows, the name may lack its extension. A name with a
 * directory or a drive is the path itself. Other names are searched along `Path`, but not in the working
 * directory, because a job could leave a file there with the name of a program.
 *
 * @param isFile for tests
 * @throws StartError if no directory has such a file
 */
export function findProgram(
  name: string,
  environment: Environment,
  isFile: (path: string) => boolean = isRegularFile,
): string {
  const candidates = extensionsFor(name, environment).map((extension) => name + extension);
  if (namesDirectory(name)) return candidates.find(isFile) ?? name;
  const searchPath = environment.get(nameOf('Path', environment)) ?? '';
  const found = searchPath
    .split(';')
    .map((directory) => directory.replaceAll('"', ''))
    .filter((directory) => directory !== '')
    .flatMap((directory) => candidates.map((candidate) => path.join(directory, candidate)))
    .find((candidate) => name !== '' && isFile(candidate));
  if (found === undefined)
    throw new StartError(`${JSON.stringify(name)} is not a program in any directory of Path.`);
  return found;
}

/** The environment with `program`'s own directory at the end of `Path`, if `program` names one. */
export function extendSearchPath(environment: Environment, program: string): Environment {
  if (!namesDirectory(program)) return environment;
  const name = nameOf('Path', environment);
  const searchPath = [environment.get(name), path.dirname(program)].filter(Boolean).join(';');
  return environment.with(name, searchPath);
}

/** A variable's name as the environment has it. Windows ignores the case of names, and usually has `Path`. */
function nameOf(variable: string, environment: Environment): string {
  return environment.names().find((name) => name.toUpperCase() === variable.toUpperCase()) ?? variable;
}

function extensionsFor(name: string, environment: Environment): string[] {
  const extensions = (environment.get(nameOf('PATHEXT', environment)) || defaultExtensions)
    .split(';')
    .filter((extension) => extension !== '');
  return path.extname(name) === '' ? extensions : ['', ...extensions];
}

function namesDirectory(name: string): boolean {
  return /[\\/]|^[a-z]:/i.test(name);
}

function isRegularFile(file: string): boolean {
  try {
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
