import { expect, test } from 'vitest';
import { describeShape } from './describe-shape.ts';

const config = { token: 'Sesame-4711', task_id: 'ä', cmd: ['tini', '-g'] };
const json = JSON.stringify(config);

function shapeOf(text: string): string {
  try {
    JSON.parse(text);
  } catch {
    return describeShape(text);
  }
  return 'it is JSON';
}

test.each<[string, string, RegExp]>([
  ['a byte order mark', `\ufeff${json}`, /byte order mark/],
  ['base64', Buffer.from(json).toString('base64'), /base64/],
  ['base64 in lines', Buffer.from(json).toString('base64').concat('\n'), /base64/],
  ['an unresolved reference', '$(TASK_CONFIG)', /\$\(…\) that Kubernetes did not resolve/],
  ['lost quotes', json.replaceAll('"', ''), /lost its quotes/],
  ['single quotes inside', json.replaceAll('"', "'"), /single quotes where JSON has double/],
  ['single quotes around', `'${json}'`, /in single quotes/],
  ['escaped quotes', json.replaceAll('"', '\\"'), /encoded twice/],
  ['a comma too many', json.replace('}', ',}'), /a comma before a closing bracket/],
  ['the path of a file', '/etc/circleci/config.json', /the path of a file/],
  ['a reference to a file', '@./config.json', /the path of a file/],
  ['YAML', 'token: Sesame-4711\ntask_id: x\n', /YAML/],
  [
    'a text that is cut short',
    json.slice(0, -10),
    new RegExp(`ends too early, after byte ${json.length - 9},`),
  ],
  ['a text that is cut short in a string', json.slice(0, 12), /ends too early, after byte 12,/],
  ['a text that is cut short in a word', '{"a":tru', /ends too early, after byte 8,/],
  [
    'more behind it',
    `${json}}`,
    new RegExp(`not JSON from byte ${Buffer.byteLength(json) + 1} on, after the end of the object`),
  ],
  ['a second object behind it', `${json}${json}`, /after the end of the object$/],
  ['a comment', '{"token": "Sesame", // https://circleci\n "a": 1}', /a comment/],
  ['typographic quotes', '{“token”: “Sesame”}', /typographic quotes/],
  ['a template', '{{ .Values.tini }}', /a template that nobody filled in/],
  ['a web page', '<html>Sesame</html>', /HTML or XML/],
  ['another text', 'token=Sesame-4711', /not JSON from byte 1 on/],
  ['an unquoted value', '{"token": Sesame}', /not JSON from byte 10 on/],
  ['a missing comma', '{"token":"Sesame" "a":1}', /do not fit together/],
])('names %s, and nothing of the text', (_title, text, shape) => {
  expect(shapeOf(text)).toMatch(shape);
  expect(shapeOf(text)).not.toMatch(/Sesame|TASK_CONFIG|circleci|tini/);
});
