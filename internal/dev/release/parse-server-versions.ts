export interface ServerVersions {
  /** Each version of CircleCI server, with the tag of the image with its task agent. */
  readonly pinned: readonly (readonly [string, string])[];
  /** The versions whose task agent is not known yet. */
  readonly missing: readonly string[];
}

/**
 * The table of supported versions of CircleCI server.
 *
 * @param json `{"4.8": "1.0.12345-abcdef", …}`, or null for a tag that is not known
 * @throws Error that names the wrong entry
 */
export function parseServerVersions(json: string): ServerVersions {
  const table = JSON.parse(json) as Record<string, unknown>;
  const entries = Object.entries(table).filter(([name]) => name !== '$comment');
  for (const [name, tag] of entries) {
    const isTag = tag === null || (typeof tag === 'string' && /^\w[\w.-]{0,127}$/.test(tag));
    if (!/^\d+\.\d+$/.test(name) || !isTag)
      throw new Error(
        `the table of server versions has an entry that is invalid: ${name}: ${JSON.stringify(tag)}`,
      );
  }
  return {
    pinned: entries.flatMap(([name, tag]) => (typeof tag === 'string' ? [[name, tag] as const] : [])),
    missing: entries.flatMap(([name, tag]) => (tag === null ? [name] : [])),
  };
}

/**
 * Finds the task agent in the list of images of a version of CircleCI server.
 *
 * @param images the text of its images.yaml
 * @returns the tag of circleci/picard
 * @throws Error if there is none
 */
export function findTaskAgent(version: string, images: string): string {
  const tag = /^\s*["']?circleci\/picard["']?:\s*["']?(\w[\w.-]{0,127})["']?\s*(?:#.*)?$/m.exec(images)?.[1];
  if (tag === undefined) throw new Error(`images.yaml of server ${version} has no tag for circleci/picard`);
  return tag;
}
