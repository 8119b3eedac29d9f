/**
 * A task's configuration as this program uses it. What the runner API sends is not public beyond `task_id`: reading it
 * is the business of read-task-configuration.ts alone.
 */
export interface TaskConfiguration {
  readonly taskId: string;
  /** The first is the primary container, the others are services. Never empty. */
  readonly docker: readonly DockerEntry[];
  /** The working directory of the primary container; undefined: the image's. */
  readonly workingDirectory: string | undefined;
  /** Nanoseconds; undefined: the limit of this program's own configuration. */
  readonly maxRunTimeNs: bigint | undefined;
  readonly ssh: boolean;
}

/** One entry under `docker` of a job. */
export interface DockerEntry {
  readonly image: string;
  /** The name by which others reach it. */
  readonly name: string | undefined;
  /** Undefined: the image's. */
  readonly entrypoint: readonly string[] | undefined;
  readonly command: readonly string[] | undefined;
  readonly user: string | undefined;
  readonly environment: Readonly<Record<string, string>>;
  /** What the registry asks for. */
  readonly auth: RegistryCredentials | undefined;
}

export interface RegistryCredentials {
  readonly username: string;
  readonly password: string;
}
