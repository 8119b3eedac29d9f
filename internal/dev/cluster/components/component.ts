import { join } from 'node:path';
import { places } from '../places.ts';

/** A long-running program of the cluster. */
export interface Component {
  /** The name of its program, and of its log. */
  readonly name: string;
  readonly command: readonly string[];
  /** Configuration files: what is in them, by their paths. */
  readonly files?: Readonly<Record<string, string>>;
  /** The components that have to be ready before it is started. */
  readonly after: readonly string[];
  /** Whether it does its work; asked again and again, from before it listens. */
  isReady(): Promise<boolean>;
}

/** The path of one of the programs that were built. */
export function builtProgram(name: string): string {
  return join(places.programs, name);
}

/** The path of a configuration file. */
export function configurationFile(name: string): string {
  return join(places.configuration, name);
}

/** Options of a command line: `--name=value` for each. */
export function toOptions(options: Readonly<Record<string, string | boolean>>): string[] {
  return Object.entries(options).map(([name, value]) => `--${name}=${value}`);
}

/** The text of a configuration file for a program that reads YAML, which JSON is. */
export function toYaml(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
