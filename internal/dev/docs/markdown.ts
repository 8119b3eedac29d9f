/** A page without its code blocks, because these have examples. */
function prose(page: string): string {
  return page.replaceAll(/^ *(```+)[^\n]*\n[\s\S]*?^ *\1`*$/gm, '');
}

/** The targets of a page's links as written, without links to other sites and mailboxes. */
export function listRelativeLinks(page: string): string[] {
  const text = prose(page).replaceAll(/`[^`\n]*`/g, '`code`');
  const links = [...text.matchAll(/\]\(<?([^)>\s]+)>?[^)]*\)|^ *\[[^\]]+\]: +(\S+)/gm)];
  return links
    .map(([, inline, definition]) => inline ?? definition ?? '')
    .filter((target) => !/^[a-z]+:/i.test(target));
}

/** The texts in backticks on a page. */
export function listCodeSpans(page: string): string[] {
  return [...prose(page).matchAll(/`([^`\n]+)`/g)].map(([, text = '']) => text);
}

/** The anchors of a page's headings, as GitHub makes them. */
export function listAnchors(page: string): string[] {
  const seen = new Map<string, number>();
  return [...prose(page).matchAll(/^#{1,6} +(.+?) *#*$/gm)].map(([, heading = '']) => {
    const slug = heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
      .replaceAll(' ', '-');
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  });
}
