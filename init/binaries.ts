/** The files that init installs on a platform, and the check that a copy can run there. */
export interface Binaries {
  /** `from` is a name in SOURCE, `to` a name in DESTINATION. The files are copied in this order. */
  readonly copies: readonly { readonly from: string; readonly to: string }[];
  /** A symbolic link in DESTINATION to the absolute path of `to` there. */
  readonly link?: { readonly name: string; readonly to: string };
  /**
   * Copies a file that does not fit into the available memory, if the platform has a special way to do that.
   *
   * @param part must not exist; may be left behind when this throws
   * @param step called now and then. It may throw to stop the copying
   */
  readonly copyDirectly?: (source: string, part: string, step: () => Promise<void>) => Promise<void>;
  /**
   * Checks whether the file at `path` (absolute) can be executed there, without executing it.
   *
   * @returns the first obstacle, or undefined
   * @throws errors of node:fs if the file cannot be checked
   */
  findObstacle(path: string): Obstacle | undefined;
}

/**
 * The reason why a file cannot be executed, certainly (`fatal`) or perhaps. It names the file and what to
 * look at.
 */
export interface Obstacle {
  readonly fatal: boolean;
  readonly text: string;
}
