import * as z from 'zod/mini';
import { isObject } from '../../internal/json.ts';
import { describeIssue, kindOf } from '../schema/describe-issue.ts';
import type { DockerEntry, TaskConfiguration } from './task-configuration.ts';

/**
 * The shape of the answer to GET /api/v2/task/config, as far as this program uses it. Nothing public defines it
 * (docs/decisions/what-nothing-public-defines.md). Unknown fields are ignored, and none of its content is ever logged.
 */
const words = z.union([z.string(), z.array(z.string())], { error: 'be a string or an array of strings' });
/** No node runs this many containers in a Pod. */
const mostContainers = 100;
/** For all containers together: a Pod with more is too large for etcd. */
const mostVariables = 10_000;
/** The limit for every name: names are in annotations, logs and messages. */
const longestName = 1024;
const name = z.string().check(z.maxLength(longestName));
const requiredName = name.check(z.minLength(1));
/** Docker's references have no other characters. A runtime also refuses some that pass here. */
const image = requiredName.check(
  z.regex(/^[\x21-\x7e]*$/, { error: 'have only characters that the name of an image may have' }),
);
/** Checked by hand: zod drops the key `__proto__` of a record, but a variable may have that name. */
const variables = z.custom<Readonly<Record<string, unknown>>>(isObject, { error: 'be an object' });

const dockerEntry = z.object({
  image,
  name: z.optional(z.nullable(name)),
  entrypoint: z.optional(z.nullable(words)),
  command: z.optional(z.nullable(words)),
  user: z.optional(z.nullable(name)),
  environment: z.optional(z.nullable(variables)),
  auth: z.optional(z.nullable(z.object({ username: z.string(), password: z.string() }))),
  aws_auth: z.optional(z.nullable(z.unknown())),
});

const schema = z.object({
  task_id: requiredName,
  docker: z.array(dockerEntry).check(z.minLength(1), z.maxLength(mostContainers)),
  working_directory: z.optional(z.nullable(z.string())),
  max_run_time: z.optional(z.nullable(z.number().check(z.minimum(0)))),
  ssh: z.optional(z.nullable(z.object({ enabled: z.optional(z.nullable(z.boolean())) }))),
});

const longestWhat = 1000;

/** A task's configuration cannot be used. The message names the field and quotes no value. */
export class TaskConfigurationError extends Error {
  override readonly name = 'TaskConfigurationError';

  /** @param what what is wrong with it */
  constructor(what: string) {
    // The text may contain a name of any length.
    super(`The configuration of the task cannot be used: ${what.slice(0, longestWhat)}.`);
  }
}

/**
 * IEEE Std 1003.1, "Environment Variable Definition": names that shells and most programs can use. The name is part of
 * a key of the task's Secret, which has at most 253 characters.
 */
const variableName = /^[A-Za-z_][A-Za-z0-9_]{0,199}$/;
/** How much of an invalid name a message quotes. */
const shownCharacters = 100;

/**
 * Reads the runner API's configuration of a task.
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
  const variables = parsed.data.docker.flatMap(({ environment }) => Object.keys(environment ?? {}));
  if (variables.length > mostVariables)
    throw new TaskConfigurationError(
      `its containers have ${variables.length} variables, and at most ${mostVariables} fit into a Pod`,
    );
  const { task_id: taskId, docker, working_directory: folder, max_run_time: maxRunTime, ssh } = parsed.data;
  return {
    taskId,
    docker: docker.map((entry, index) => readEntry(entry, `docker[${index}]`)),
    workingDirectory: folder || undefined,
    maxRunTimeNs: maxRunTime ? BigInt(Math.trunc(maxRunTime)) : undefined,
    ssh: ssh?.enabled ?? false,
  };
}

/** The id of a task, whatever its other fields are. Undefined if it has none. */
export function readTaskId(json: unknown): string | undefined {
  return z.object({ task_id: requiredName }).safeParse(json).data?.task_id;
}

function readEntry(entry: z.infer<typeof dockerEntry>, path: string): DockerEntry {
  if (entry.aws_auth !== undefined && entry.aws_auth !== null)
    throw new TaskConfigurationError(
      `${path}.aws_auth is not supported: give the node or the service account of the class the right to pull from ECR, or use ${path}.auth`,
    );
  return {
    image: entry.image,
    name: entry.name || undefined,
    entrypoint: readArguments(entry.entrypoint),
    command: readArguments(entry.command),
    user: entry.user || undefined,
    environment: readEnvironment(entry.environment ?? {}, `${path}.environment`),
    auth: entry.auth ?? undefined,
  };
}

function readEnvironment(json: Readonly<Record<string, unknown>>, path: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(json).map(([name, value]) => {
      if (!variableName.test(name)) {
        const shown = JSON.stringify(name.slice(0, shownCharacters));
        throw new TaskConfigurationError(`${path} has the key ${shown}, which is not the name of a variable`);
      }
      return [name, readVariable(value, `${path}.${name}`)];
    }),
  );
}

function readVariable(value: unknown, path: string): string {
  if (typeof value === 'object' && value !== null)
    throw new TaskConfigurationError(`${path} must be a string, but is ${kindOf(value)}`);
  const text = String(value ?? '');
  if (text.includes('\0')) throw new TaskConfigurationError(`${path} has a NUL, which no variable can have`);
  return text;
}

/** A string is one argument, as in the job's own configuration. An empty one is none, as for other fields. */
function readArguments(value: string | readonly string[] | null | undefined): readonly string[] | undefined {
  if (value === null || value === undefined || value === '') return undefined;
  return typeof value === 'string' ? [value] : value;
}
