import { globSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { repository } from './repository.ts';

/** The systems that a program may be built for. Modules are named for them: `x.linux.ts`. */
export type Platform = 'linux' | 'windows';

/** What the packer has to know of a program. `program.ts` in its folder below cmd/ exports one by the name `program`. */
export interface Program {
  /**
   * Of the executable and of its process, and in front of what the launcher says. At most 15 characters, as the kernel
   * keeps no more (PR_SET_NAME(2const)).
   */
  readonly name: string;
  /** The module that is run: a path from the repository's root. */
  readonly entry: string;
  readonly platforms: readonly Platform[];
  /** Options of Node and V8, beside those that every program has. Nothing else can add one, NODE_OPTIONS neither. */
  readonly nodeOptions: readonly string[];
  /** Modules that are import()ed, but rarely: paths from the repository's root. They are compiled when it happens. */
  readonly rarelyUsed: readonly string[];
  /** Whether the launcher is the first step of its children, too (internal/launcher/exec-step.h). */
  readonly startsChildren: boolean;
  /** The option that has a value which must not be seen in /proc/<pid>/cmdline. */
  readonly secretOption?: string;
}

/** @param path of a `program.ts`, from the working directory */
export async function loadProgram(path: string): Promise<Program> {
  const { program } = (await import(resolve(path))) as { program?: Program };
  if (program === undefined) throw new Error(`${path} exports no program`);
  return program;
}

/** Every program that there is in cmd/. */
export async function loadPrograms(): Promise<Program[]> {
  const paths = globSync('cmd/*/program.ts', { cwd: repository }).sort();
  return Promise.all(paths.map((path) => loadProgram(join(repository, path))));
}
