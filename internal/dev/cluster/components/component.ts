import { join } from 'node:path';
import { places } from '../places.ts';

/** A long-running program of the cluster. */
export interface Component {
  /** The name of its program, and of its log. */
  readonly name: string;
  readonly command: readonly string[];
  /** The contents of its configuration files, by their paths. */
  readonly files?: Readonly<Record<string, string>>;
  /** The components that have to be ready before it starts. */
  readonly after: readonly string[];
  /** Whether it works. Called repeatedly, even before it listens. */
  isReady(): Promise<boolean>;
}

/** The path of a built program. */
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

/** The text of a configuration file for a program that reads YAML. It is JSON, which is valid YAML. */
export function toYaml(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
