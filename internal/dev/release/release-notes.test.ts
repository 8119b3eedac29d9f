import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { overrideOptions } from '../../../cmd/orchestrator/options.ts';
import { variables } from '../../../runner/settings/controller-settings.ts';
import { nameOf } from '../../options.ts';
import { repository } from '../../packer/repository.ts';
import { findReleaseNotes, listReleases } from './release-notes.ts';

const text =
  '# Changelog\n\nWhat it is.\n\n## Unreleased\n\n## 1.1.0 - 2026-02-03\n\n### Added\n\n- b\n\n## 1.0.0 - 2026-01-02\n\n- a\n';
const changelog = await readFile(join(repository, 'CHANGELOG.md'), 'utf8');

test('the notes of a release are the section of its version', () => {
  expect(findReleaseNotes(text, '1.1.0')).toBe('### Added\n\n- b');
  expect(findReleaseNotes(text, '1.0.0')).toBe('- a');
});

test.each([
  [text, '1.2.0', 'CHANGELOG.md has no entries below "## 1.2.0 - YYYY-MM-DD"'],
  [text.replace('- a\n', ''), '1.0.0', 'CHANGELOG.md has no entries below "## 1.0.0 - YYYY-MM-DD"'],
  [text.replace('Unreleased', 'Unreleased\n\n- c'), '1.1.0', 'entries below "Unreleased": move them'],
  [text.replace(' - 2026-01-02', ''), '1.1.0', 'a section that is no version: ## 1.0.0'],
])('a version without its section is not released', (given, version, message) => {
  expect(() => findReleaseNotes(given, version)).toThrow(message);
});

test('the changelog of this repository has releases, and the newest is that of package.json', async () => {
  const { version } = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8'));
  const releases = listReleases(changelog);
  expect(releases[0]).toMatchObject({ version, text: expect.stringContaining('### Added') });
  expect(
    releases
      .map(({ date }) => date)
      .toSorted()
      .toReversed(),
  ).toEqual(releases.map(({ date }) => date));
});

test.each([
  ...Object.values(overrideOptions).map(nameOf),
  ...Object.keys(variables).filter((name) => name.startsWith('RUNNER_')),
])('the changelog names %s', (name) => {
  expect(changelog).toContain(`\`${name}`);
});
