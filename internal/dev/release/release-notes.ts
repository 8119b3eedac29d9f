/** A version's section of the changelog. */
export interface ReleaseNotes {
  readonly version: string;
  /** YYYY-MM-DD */
  readonly date: string;
  /** Markdown, without the heading. */
  readonly text: string;
}

const heading = /^## (?:(\d+\.\d+\.\d+(?:-[\w.]+)?) - (\d{4}-\d{2}-\d{2})|Unreleased)$/;

/**
 * The released versions of a changelog, the newest first.
 *
 * @throws Error with a section that is neither a version with its date nor `Unreleased`
 */
export function listReleases(changelog: string): ReleaseNotes[] {
  return sectionsOf(changelog).flatMap(({ version, ...notes }) =>
    version === '' ? [] : [{ version, ...notes }],
  );
}

/**
 * Finds the notes of a version that is to be released.
 *
 * @throws Error if the changelog has none, or has entries that belong to no version yet
 */
export function findReleaseNotes(changelog: string, version: string): string {
  const sections = sectionsOf(changelog);
  if (sections.some((section) => section.version === '' && section.text !== ''))
    throw new Error(
      `CHANGELOG.md has entries below "Unreleased": move them below "## ${version} - YYYY-MM-DD"`,
    );
  const notes = sections.find((section) => section.version === version)?.text;
  if (!notes) throw new Error(`CHANGELOG.md has no entries below "## ${version} - YYYY-MM-DD"`);
  return notes;
}

/** The version of `Unreleased` is ''. */
function sectionsOf(changelog: string): ReleaseNotes[] {
  return changelog
    .split(/^(?=## )/m)
    .slice(1)
    .map((section) => {
      const [title = '', ...lines] = section.split('\n');
      const found = heading.exec(title);
      if (found === null) throw new Error(`CHANGELOG.md has a section that is no version: ${title}`);
      const [, version = '', date = ''] = found;
      return { version, date, text: lines.join('\n').trim() };
    });
}
