import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../../packer/repository.ts';

/** The page, from the root of the repository. */
export const permissionsFile = 'docs/container-runner/permissions.md';

/** The rights on docs/container-runner/permissions.md, each as `resource verb`. */
export interface PermissionsPage {
  /** The text about the controller. */
  readonly controllerSection: string;
  /** The rights that the controller uses. */
  readonly ofController: readonly string[];
  /** The rights that the logging containers use. */
  readonly ofCollector: readonly string[];
  /** The controller's rights from the chart that nobody uses. */
  readonly unused: readonly string[];
}

/** Reads the page. */
export function readPermissionsPage(): PermissionsPage {
  const text = readFileSync(join(repository, permissionsFile), 'utf8');
  const [controllerSection = '', loggingSection = ''] = text.split('## The logging container');
  return {
    controllerSection,
    ofController: listUsed(controllerSection),
    ofCollector: listUsed(loggingSection),
    unused: listUnused(controllerSection),
  };
}

function listUsed(section: string): string[] {
  return [...section.matchAll(/^\| `([\w/]+)` \| `(\w+)` \|/gm)].map(
    ([, resource, verb]) => `${resource} ${verb}`,
  );
}

function listUnused(section: string): string[] {
  return [...section.matchAll(/^\| `([\w/]+)` \| not used \| (.+) \|$/gm)].flatMap(
    ([, resource, verbs = '']) => [...verbs.matchAll(/`(\w+)`/g)].map(([, verb]) => `${resource} ${verb}`),
  );
}
