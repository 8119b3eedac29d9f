import type { Platform } from './program.ts';

/** The architectures of the Linux executable, by the names that Go, Docker and Kubernetes use. */
export type Architecture = 'amd64' | 'arm64';

/** The targets of executables: Linux on one of these architectures, or Windows on x64. */
export const targets = ['amd64', 'arm64', 'windows'] as const;
export type Target = (typeof targets)[number];

/** The compiler's and the emulator's names for the same architectures. */
export const machines = { amd64: 'x86_64', arm64: 'aarch64' } as const;

/** The architecture of this machine. */
export function hostArchitecture(): Architecture {
  if (process.arch === 'x64') return 'amd64';
  if (process.arch === 'arm64') return 'arm64';
  throw new Error(`no executable is built for ${process.arch} machines, only for x64 and arm64`);
}

/** @throws Error if the name is unknown */
export function parseArchitecture(name: string): Architecture {
  if (name === 'amd64' || name === 'arm64') return name;
  throw new Error(`unknown architecture ${name}: expected amd64 or arm64`);
}

/** The platform that a target's executable runs on. */
export function platformOf(target: Target): Platform {
  return target === 'windows' ? 'windows' : 'linux';
}
