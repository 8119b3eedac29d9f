/**
 * Describes a text that should be a JSON object, but is not JSON: what probably happened to it, and where it stops
 * being JSON. The result has no part of the text, because a task's configuration holds secrets.
 */
export function describeShape(text: string): string {
  const [shape] = shapes.find(([, matches]) => matches(text)) ?? [];
  return shape ?? describePosition(text);
}

const shapes: readonly (readonly [shape: string, matches: (text: string) => boolean])[] = [
  ['it begins with a byte order mark; save the file without one', (text) => text.startsWith('\ufeff')],
  [
    'it is a reference $(…) that Kubernetes did not resolve; the variable must be defined before this one',
    (text) => /^\s*\$[({]\w+[)}]\s*$/.test(text),
  ],
  [
    'it looks like the path of a file; the variable must have the content',
    (text) => /^@?\.{0,2}\/\S*\s*$/.test(text),
  ],
  [
    'it looks like base64; the data of a Secret is decoded once, so this was encoded twice',
    (text) => /^[A-Za-z0-9+/_-]+[\s=]*$/.test(text) && isObjectText(Buffer.from(text, 'base64').toString()),
  ],
  [
    'it is in single quotes, which a shell or YAML should have removed',
    (text) => /^\s*'[\s\S]*'\s*$/.test(text),
  ],
  ['it has single quotes where JSON has double quotes', (text) => /^\s*\{\s*'/.test(text)],
  ['its quotes are escaped, so it was encoded twice', (text) => /^\s*\{\s*\\+"/.test(text)],
  ['it has lost its quotes, probably to a shell', (text) => /^\s*\{\s*\w+\s*:/.test(text)],
  ['it has a comma before a closing bracket', (text) => isObjectText(text.replace(/,(?=\s*[}\]])/g, ''))],
  [
    'it has a comment, which JSON does not know',
    (text) => isObjectText(text.replace(/(^|\s)(\/\/|#).*$/gm, '')),
  ],
  [
    'it has typographic quotes where JSON has straight ones',
    (text) => /^\s*\{\s*[\u2018\u2019\u201c\u201d\u201e\u00ab\u00bb]/.test(text),
  ],
  ['it is a template that nobody filled in: {{ … }}', (text) => /^\s*\{\{/.test(text)],
  ['it looks like HTML or XML', (text) => /^\s*</.test(text)],
  ['it looks like YAML', (text) => /^\s*\w+:(\s|$)/.test(text)],
];

function isObjectText(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null;
  } catch {
    return false;
  }
}

const tokens = /\s*(?:"(?:[^"\\\n]|\\.)*"|-?\d[\d.eE+-]*|true\b|false\b|null\b|[{}[\],:])/gy;
const unfinished = /^\s*("[^"]*|-|[a-z]{1,4})?$/;

/** Looks only at single tokens. Their order may be wrong, too. */
function describePosition(text: string): string {
  let end = 0;
  let depth = 0;
  for (const [found] of text.matchAll(tokens)) {
    end += found.length;
    depth += /[{[]$/.test(found) ? 1 : /[}\]]$/.test(found) ? -1 : 0;
    if (depth <= 0) break;
  }
  const rest = text.slice(end);
  if (depth > 0 && unfinished.test(rest))
    return `it ends too early, after byte ${Buffer.byteLength(text)}, so it was probably cut short`;
  if (rest.trim() === '') return 'its commas, colons and brackets do not fit together';
  const isAfterEnd = depth === 0 && isObjectText(text.slice(0, end));
  const where = isAfterEnd ? ', after the end of the object' : '';
  return `it is not JSON from byte ${Buffer.byteLength(text.slice(0, end)) + 1} on${where}`;
}
