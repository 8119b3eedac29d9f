import { existsSync } from 'node:fs';
import { docker, tryDocker } from './docker.ts';

const label = 'orchestrator-test';

/**
 * The labels of everything that a run of tests makes: the run's prefix, and the process that will remove it.
 */
export function labelsOf(prefix: string, owner = process.pid): string[] {
  return ['--label', `${label}=${prefix}`, '--label', `${label}.owner=${owner}`];
}

/** Removes all containers, volumes, networks and images of a run. A missing one is not an error. */
export async function removeRun(prefix: string): Promise<void> {
  const filter = ['--filter', `label=${label}=${prefix}`, '--quiet'];
  await remove(['container', 'rm', '--force', '--volumes'], ['container', 'ls', '--all', ...filter]);
  await remove(['volume', 'rm', '--force'], ['volume', 'ls', ...filter]);
  await remove(['network', 'rm'], ['network', 'ls', ...filter]);
  const images = ['image', 'ls', '--format', '{{.Repository}}:{{.Tag}}', `${prefix}/*`];
  await remove(['image', 'rm', '--force'], images);
}

/** Removes the remains of killed runs. */
export async function removeAbandonedRuns(): Promise<void> {
  const format = `{{.Label "${label}"}} {{.Label "${label}.owner"}}`;
  const filter = ['--filter', `label=${label}`, '--format', format];
  const lists = [
    ['container', 'ls', '--all'],
    ['volume', 'ls'],
    ['network', 'ls'],
  ];
  const lines = await Promise.all(lists.map((list) => docker([...list, ...filter])));
  for (const line of new Set(lines.join('\n').split('\n').filter(Boolean))) {
    const [prefix, owner] = line.split(' ');
    if (prefix && !existsSync(`/proc/${owner}`)) await removeRun(prefix);
  }
}

async function remove(command: readonly string[], list: readonly string[]): Promise<void> {
  const names = (await docker(list)).split('\n').filter(Boolean);
  if (names.length > 0) await tryDocker([...command, ...names]);
}
