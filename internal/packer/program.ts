import { globSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { repository } from './repository.ts';

/** The systems that a program can be built for. Modules have their names: `x.linux.ts`. */
export type Platform = 'linux' | 'windows';

/**
 * Everything that the packer has to know about a program. `program.ts` in its folder below cmd/ exports it as
 * `program`.
 */
export interface Program {
  /**
   * The name of the executable and of its process. The launcher's messages begin with it. At most 15
   * characters, because the kernel keeps no more (PR_SET_NAME(2const)).
   */
  readonly name: string;
  /**
   * The module to run: a path from the repository's root. It calls takeHandoff before anything that waits. Until then
   * the launcher's guard watches the start.
   */
  readonly entry: string;
  readonly platforms: readonly Platform[];
  /**
   * Options of Node and V8, in addition to those of every program. Nothing else can add options, not even
   * NODE_OPTIONS.
   */
  readonly nodeOptions: readonly string[];
  /**
   * Modules that are rarely import()ed: paths from the repository's root. They are compiled at the import.
   */
  readonly rarelyUsed: readonly string[];
  /**
   * Whether the launcher is also the first step of the program's children (internal/launcher/exec-step.h).
   */
  readonly startsChildren: boolean;
  /** The option whose value must not be visible in /proc/<pid>/cmdline. */
  readonly secretOption?: string;
  /** The time without JavaScript after which the guard ends a process that it watches, if not the usual one. */
  readonly secondsWithoutJavaScript?: number;
}

/** @param path of a `program.ts`, from the working directory */
export async function loadProgram(path: string): Promise<Program> {
  const { program } = (await import(pathToFileURL(resolve(path)).href)) as { program?: Program };
  if (program === undefined) throw new Error(`${path} exports no program`);
  return program;
}

/** All programs in cmd/. */
export async function loadPrograms(): Promise<Program[]> {
  const paths = globSync('cmd/*/program.ts', { cwd: repository }).sort();
  return Promise.all(paths.map((path) => loadProgram(join(repository, path))));
}
