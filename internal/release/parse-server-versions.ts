export interface ServerVersions {
  /** Version of CircleCI server, tag of the image that has its task agent. */
  readonly pinned: readonly (readonly [string, string])[];
  /** Those whose task agent nobody has looked up. */
  readonly missing: readonly string[];
}

/**
 * The table of supported versions of CircleCI server.
 *
 * @param json `{"4.8": "1.0.12345-abcdef", …}`, or null for a tag that is not known
 * @throws Error that names the entry that makes no sense
 */
export function parseServerVersions(json: string): ServerVersions {
  const table = JSON.parse(json) as Record<string, unknown>;
  const entries = Object.entries(table).filter(([name]) => name !== '$comment');
  for (const [name, tag] of entries) {
    const isTag = tag === null || (typeof tag === 'string' && /^\w[\w.-]{0,127}$/.test(tag));
    if (!/^\d+\.\d+$/.test(name) || !isTag)
      throw new Error(
        `the table of server versions has an entry that makes no sense: ${name}: ${JSON.stringify(tag)}`,
      );
  }
  return {
    pinned: entries.flatMap(([name, tag]) => (typeof tag === 'string' ? [[name, tag] as const] : [])),
    missing: entries.flatMap(([name, tag]) => (tag === null ? [name] : [])),
  };
}
