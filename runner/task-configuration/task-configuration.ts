/**
 * A task's configuration as this program uses it. The runner API's own format is not public beyond `task_id`, and only
 * read-task-configuration.ts knows it.
 */
export interface TaskConfiguration {
  readonly taskId: string;
  /** The first is the primary container, the others are services. Never empty. */
  readonly docker: readonly DockerEntry[];
  /** The working directory of the primary container. Undefined: the image's. */
  readonly workingDirectory: string | undefined;
  /** In nanoseconds. Undefined: the limit from this program's own settings. */
  readonly maxRunTimeNs: bigint | undefined;
  readonly ssh: boolean;
}

/** One entry under `docker` of a job. */
export interface DockerEntry {
  readonly image: string;
  /** The name by which other containers reach it. */
  readonly name: string | undefined;
  /** Undefined: the image's. */
  readonly entrypoint: readonly string[] | undefined;
  readonly command: readonly string[] | undefined;
  readonly user: string | undefined;
  readonly environment: Readonly<Record<string, string>>;
  /** The credentials for the registry. */
  readonly auth: RegistryCredentials | undefined;
}

export interface RegistryCredentials {
  readonly username: string;
  readonly password: string;
}
