import { readFileSync } from 'node:fs';
import { transformSync } from 'esbuild';

const regularExpression = /(?<=(?:[(,=:[!&|?{};>]|return)\s*)\/(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\\n])+\/[a-z]*/
  .source;
const string = /"((?:\\.|[^"\\])*)"|'((?:\\.|[^'\\])*)'/.source;

/** The texts that a source file in TypeScript or C can print: its strings, and each fixed part of its templates. */
export function textsIn(file: string): string[] {
  const source = readFileSync(file, 'utf8');
  const strings = file.endsWith('.ts') ? stringsOfTypeScript(source) : stringsOfC(source);
  return strings.map(resolveEscapes).filter((text) => text !== '');
}

/** The transformation removes comments, joins texts at `+`, and turns the parts of templates into strings. */
function stringsOfTypeScript(source: string): string[] {
  const { code } = transformSync(source, {
    loader: 'ts',
    charset: 'utf8',
    minifySyntax: true,
    supported: { 'template-literal': false },
  });
  const found = code.matchAll(new RegExp(`${regularExpression}|${string}`, 'g'));
  return [...found].map(([, double, single]) => double ?? single ?? '');
}

function stringsOfC(source: string): string[] {
  const code = source.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '').replaceAll(/"\s*"/g, '');
  return [...code.matchAll(/"((?:\\.|[^"\\\n])*)"/g)].flatMap(([, text = '']) => text.split(/%\w+/));
}

function resolveEscapes(text: string): string {
  return text
    .replaceAll(/\\u(\w{4})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .replaceAll(/\\[nt]/g, ' ')
    .replaceAll(/\\(.)/g, '$1');
}
