import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { stringify } from 'yaml';
import type { Environment } from '../../internal/environment.ts';
import { Failure, sharedKinds } from '../../internal/failure.ts';
import { escapeUnsafe } from '../../internal/output/safe-text.ts';
import { examplePods } from '../../runner/check/example-pods.ts';
import { readTaskPodFile } from '../../runner/classes/read-task-pod-file.ts';
import { readControllerSettings } from '../../runner/settings/controller-settings.ts';
import { podSettings } from '../../runner/settings/pod-settings.ts';
import type { Invocation } from './cli.ts';

/** Placeholders for settings that only a cluster knows. */
const unknown = { namespace: '$(KUBE_NAMESPACE)', hostname: '$(KUBE_CONTAINER_AGENT_INSTANCE)', proxy: {} };

/**
 * Shows the Pods that a task Pod configuration makes of an example job.
 *
 * @returns the Pods as YAML, and notes on the configuration
 * @throws ControllerSettingsError, ResourceClassesError, or Failure 'usage' if the file cannot be read
 */
export async function check(
  { file, images, resourceClass }: Extract<Invocation, { command: 'check' }>,
  environment: Environment,
): Promise<{ pods: string; warnings: readonly string[] }> {
  const { settings, warnings: ofSettings } = readControllerSettings(environment);
  const source = file === '-' ? 'stdin' : file;
  const { classes, warnings } = readTaskPodFile(await read(file), file === '-' ? 'in stdin' : file);
  const surroundings = { ...unknown, ...(settings.KUBE_NAMESPACE && { namespace: settings.KUBE_NAMESPACE }) };
  const pods = examplePods(
    classes,
    {
      ...podSettings(settings, classes, surroundings),
      loggingImage: settings.KUBE_LOGGING_IMAGE || '$(KUBE_LOGGING_IMAGE)',
      loggingSecret: settings.KUBE_LOGGING_SECRET || '$(KUBE_LOGGING_SECRET)',
    },
    { images, resourceClass },
  );
  const known = [...classes.byDottedName.keys()].join(', ') || 'none';
  if (resourceClass !== undefined && pods.length === 0)
    throw new Failure(sharedKinds.usage, `${source} has no class ${resourceClass}; it has ${known}.`);
  if (classes.byDottedName.size === 0) {
    warnings.push(
      `${source} has no resource class; expected a task Pod configuration, or what helm template prints of the chart`,
    );
  }
  const documents = pods.map(
    ({ notes, pod, resourceClass: name }) =>
      `${[name, ...notes].map((line) => `# ${escapeUnsafe(line)}\n`).join('')}${stringify(pod)}`,
  );
  return { pods: documents.join('---\n'), warnings: [...ofSettings, ...warnings] };
}

async function read(file: string): Promise<string> {
  try {
    return file === '-' ? await text(process.stdin) : await readFile(file, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Failure(sharedKinds.usage, `The configuration cannot be read: ${reason}.`, { cause });
  }
}
