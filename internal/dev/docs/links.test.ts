import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { repository } from '../../packer/repository.ts';
import { listAnchors, listCodeSpans, listRelativeLinks } from './markdown.ts';

const pages = globSync('**/*.md', { cwd: repository, exclude: ['node_modules/**', 'target/**'] });
const read = (file: string) => readFileSync(join(repository, file), 'utf8');

/** The broken links of a page. */
function findDeadLinks(page: string, text: string): string[] {
  return listRelativeLinks(text).filter((link) => {
    const [path = '', anchor] = link.split('#').map(decodeURIComponent);
    const target = path === '' ? page : join(dirname(page), path);
    if (target.startsWith('..') || !existsSync(join(repository, target))) return true;
    return anchor !== undefined && !listAnchors(target === page ? text : read(target)).includes(anchor);
  });
}

/** Paths of this repository that a page names, and that do not exist. A path may be a pattern. */
function findLostPaths(text: string): string[] {
  return listCodeSpans(text).filter(
    (code) =>
      /^(?:cmd|init|task|clients|internal|acceptance|docs|examples|runner)\/[\w./*{},-]*$/.test(code) &&
      globSync(code, { cwd: repository }).length === 0,
  );
}

test('finds the pages, their links and the paths that they name', () => {
  expect(pages).toEqual(expect.arrayContaining(['README.md', 'docs/development.md']));
  const texts = pages.map(read);
  expect(texts.flatMap(listRelativeLinks).length).toBeGreaterThan(50);
  expect(texts.flatMap(listCodeSpans).filter((code) => code.startsWith('internal/')).length).toBeGreaterThan(
    10,
  );
});

test.each(pages)('every link of %s leads to a file, and to a heading of it', (page) => {
  expect(findDeadLinks(page, read(page))).toEqual([]);
});

test.each(pages.filter((page) => page === 'README.md' || page.startsWith('docs/')))(
  'every path that %s names exists',
  (page) => {
    expect(findLostPaths(read(page))).toEqual([]);
  },
);

test.each([
  { link: '[a page](nowhere.md)', dead: ['nowhere.md'] },
  { link: '[a heading](#no-such-heading)', dead: ['#no-such-heading'] },
  { link: '[of another page](development.md#no-such-heading)', dead: ['development.md#no-such-heading'] },
  { link: '[beyond the repository](../../elsewhere.md)', dead: ['../../elsewhere.md'] },
  { link: '[a page](development.md), ## and [its heading](development.md#tools)', dead: [] },
])('$link: finds $dead', ({ link, dead }) => {
  expect(findDeadLinks('docs/page.md', link)).toEqual(dead);
});

test.each([
  { text: '`internal/no-such-folder/`', lost: ['internal/no-such-folder/'] },
  { text: '`task/no-such-*.ts`', lost: ['task/no-such-*.ts'] },
  { text: '`internal/dev/*` and `task/task.ts`', lost: [] },
])('$text: misses $lost', ({ text, lost }) => {
  expect(findLostPaths(text)).toEqual(lost);
});
