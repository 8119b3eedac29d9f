import { statSync } from 'node:fs';
import { win32 as path } from 'node:path';
import type { Environment } from '../../internal/environment.ts';
import { StartError } from './processes.ts';

/** What cmd.exe goes by where there is no PATHEXT. */
const defaultExtensions = '.com;.exe;.bat;.cmd';

/**
 * The path to start for a command's name, as Windows names programs: without its extension, if one likes. A name
 * with a directory or a drive is taken as it is, any other one is searched for along `Path`; not in the working
 * directory, where a job could leave a file that goes by the name of a program.
 *
 * @param isFile for tests
 * @throws StartError when no directory has such a file
 */
export function findProgram(
  name: string,
  environment: Environment,
  isFile: (path: string) => boolean = isRegularFile,
): string {
  const candidates = extensionsFor(name, environment).map((extension) => name + extension);
  if (namesDirectory(name)) {
    return candidates.find(isFile) ?? name;
  }
  const searchPath = environment.get(nameOf('Path', environment)) ?? '';
  const found = searchPath
    .split(';')
    .map((directory) => directory.replaceAll('"', ''))
    .filter((directory) => directory !== '')
    .flatMap((directory) => candidates.map((candidate) => path.join(directory, candidate)))
    .find((candidate) => name !== '' && isFile(candidate));
  if (found === undefined) {
    throw new StartError(`${JSON.stringify(name)} is not a program in any directory of Path.`);
  }
  return found;
}

/** The environment with `program`'s own directory at the end of `Path`, if `program` names one. */
export function extendSearchPath(environment: Environment, program: string): Environment {
  if (!namesDirectory(program)) {
    return environment;
  }
  const name = nameOf('Path', environment);
  const searchPath = [environment.get(name), path.dirname(program)].filter(Boolean).join(';');
  return environment.with(name, searchPath);
}

/** How the environment writes a variable's name: Windows does not care for case, and has `Path` as a rule. */
function nameOf(variable: string, environment: Environment): string {
  const names = environment.entries.map((entry) => entry.toString().split('=', 1)[0] ?? '');
  return names.find((name) => name.toUpperCase() === variable.toUpperCase()) ?? variable;
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
