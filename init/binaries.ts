/** What init installs on one platform, and how it tells that a copy can run there. */
export interface Binaries {
  /** `from` is a name in SOURCE, `to` one in DESTINATION; copied in this order. */
  readonly copies: readonly { readonly from: string; readonly to: string }[];
  /** A symbolic link in DESTINATION to the absolute path of `to` there. */
  readonly link?: { readonly name: string; readonly to: string };
  /**
   * Copies a file that is larger than the memory there is for it, if the platform has a way of its own.
   *
   * @param part must not exist; may be left behind when this throws
   * @param step called now and then; may throw to give up
   */
  readonly copyDirectly?: (source: string, part: string, step: () => Promise<void>) => Promise<void>;
  /**
   * Looks whether the file at `path` (absolute) can be executed where it lies, without executing it.
   *
   * @returns the first obstacle, or nothing when there is none
   * @throws errors of node:fs when the file cannot be looked at
   */
  findObstacle(path: string): Obstacle | undefined;
}

/** Why a file cannot be executed, for certain (`fatal`) or perhaps; names the file and what to look at. */
export interface Obstacle {
  readonly fatal: boolean;
  readonly text: string;
}
