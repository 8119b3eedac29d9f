import * as z from 'zod/mini';
import { describeIssue } from '../schema/describe-issue.ts';
import type { DockerEntry, TaskConfiguration } from './task-configuration.ts';

/**
 * The shape of the answer to GET /api/v2/task/config, as far as this program uses it. Nothing public defines it
 * (docs/decisions/what-nothing-public-defines.md); unknown fields are ignored, and nothing of it is ever logged.
 */
const words = z.union([z.string(), z.array(z.string())], { error: 'be a string or an array of strings' });
const text = z.string().check(z.minLength(1));
const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()], { error: 'be a string' });

const dockerEntry = z.object({
  image: text,
  name: z.optional(z.nullable(z.string())),
  entrypoint: z.optional(z.nullable(words)),
  command: z.optional(z.nullable(words)),
  user: z.optional(z.nullable(z.string())),
  environment: z.optional(z.nullable(z.record(z.string(), scalar))),
  auth: z.optional(z.nullable(z.object({ username: z.string(), password: z.string() }))),
  aws_auth: z.optional(z.nullable(z.unknown())),
});

const schema = z.object({
  task_id: text,
  docker: z.array(dockerEntry).check(z.minLength(1)),
  working_directory: z.optional(z.nullable(z.string())),
  max_run_time: z.optional(z.nullable(z.number().check(z.minimum(0)))),
  ssh: z.optional(z.nullable(z.object({ enabled: z.optional(z.nullable(z.boolean())) }))),
});

/** A task's configuration that cannot be used; the message names the field and quotes no value. */
export class TaskConfigurationError extends Error {
  override readonly name = 'TaskConfigurationError';

  /** @param what what is wrong with it */
  constructor(what: string) {
    super(`The configuration of the task cannot be used: ${what}.`);
  }
}

/** IEEE Std 1003.1, "Environment Variable Definition": what shells and most programs can use. */
const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Reads what the runner API says of a task.
 *
 * @param json the parsed body
 * @throws TaskConfigurationError
 */
export function readTaskConfiguration(json: unknown): TaskConfiguration {
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const what = issue === undefined ? 'it is invalid' : describeIssue(issue, json);
    throw new TaskConfigurationError(what);
  }
  const { task_id: taskId, docker, working_directory: folder, max_run_time: maxRunTime, ssh } = parsed.data;
  return {
    taskId,
    docker: docker.map((entry, index) => readEntry(entry, `docker[${index}]`)),
    workingDirectory: folder || undefined,
    maxRunTimeNs: maxRunTime ? BigInt(Math.trunc(maxRunTime)) : undefined,
    ssh: ssh?.enabled ?? false,
  };
}

/** The id of a task whose other fields do not matter; undefined: it has none. */
export function readTaskId(json: unknown): string | undefined {
  return z.object({ task_id: text }).safeParse(json).data?.task_id;
}

function readEntry(entry: z.infer<typeof dockerEntry>, path: string): DockerEntry {
  if (entry.aws_auth !== undefined && entry.aws_auth !== null) {
    throw new TaskConfigurationError(
      `${path}.aws_auth is not supported: give the node or the service account of the class the right to pull from ECR, or use ${path}.auth`,
    );
  }
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(entry.environment ?? {})) {
    if (!variableName.test(name)) {
      throw new TaskConfigurationError(
        `${path}.environment has the key ${JSON.stringify(name)}, which is not the name of a variable`,
      );
    }
    environment[name] = value === null ? '' : String(value);
  }
  return {
    image: entry.image,
    name: entry.name || undefined,
    entrypoint: wordsOf(entry.entrypoint),
    command: wordsOf(entry.command),
    user: entry.user || undefined,
    environment,
    auth: entry.auth ?? undefined,
  };
}

/** A string is one word, as it is in the job's own configuration. */
function wordsOf(value: string | readonly string[] | null | undefined): readonly string[] | undefined {
  if (value === null || value === undefined) return undefined;
  return typeof value === 'string' ? [value] : value;
}
