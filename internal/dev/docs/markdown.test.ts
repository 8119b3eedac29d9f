import { expect, test } from 'vitest';
import { listAnchors, listCodeSpans, listRelativeLinks } from './markdown.ts';

const page = `
# A page about \`code\`, and more: [a link](one.md)!

See [two](two.md#part "title"), ![three](three.svg), [elsewhere](https://example.com/) and [four][].
In \`[code](no.md)\` there is none.

\`\`\`sh
# no heading
[none](here.md) \`neither\`
\`\`\`

## Twice
## Twice

[four]: four.md
`;

test('lists links to files, and leaves out those to other sites and those in code', () => {
  expect(listRelativeLinks(page)).toEqual(['one.md', 'two.md#part', 'three.svg', 'four.md']);
});

test('lists the texts in backticks', () => {
  expect(listCodeSpans(page)).toEqual(['code', '[code](no.md)']);
});

test('gives headings the same anchors as GitHub', () => {
  expect(listAnchors(page)).toEqual(['a-page-about-code-and-more-a-link', 'twice', 'twice-1']);
});
