import { expect, test } from 'vitest';
import { lintExample } from './lint-example.ts';

/** Checks that lint refuses a source with these words. */
function expectRefused(source: string, words: string): void {
  const { status, output } = lintExample(source);
  expect(output).toContain(words);
  expect(status).toBe(1);
}

const functionOf = (statement: string) => `export const example = (x: number) => {\n  ${statement}\n};\n`;

test.each([
  'return Math.random();',
  'return globalThis.Math.random();',
  'const { random } = Math; return random;',
])('lint lets nothing depend on chance that has a fixed seed: %s', (statement) => {
  expectRefused(functionOf(statement), 'use node:crypto');
});

test('lint allows the rest of Math', () => {
  expect(lintExample(functionOf('return Math.floor(1.5);'))).toMatchObject({ status: 0 });
});

test.each([
  'if (x > 1) {\n    return;\n  }',
  'if (x > 1) {\n    return 5;\n  }',
  'if (x > 1) {\n    throw new Error();\n  }',
])('lint takes no braces around a return or throw alone: %s', (statement) => {
  expectRefused(functionOf(statement), 'has no braces');
});

test('lint takes braces around more than a jump', () => {
  const statement = 'if (x > 1) {\n    x++;\n    return 5;\n  }\n  if (x > 0) return 6;\n  return 7;';
  expect(lintExample(functionOf(statement))).toMatchObject({ status: 0 });
});

test('lint takes node:path by the names of its functions', () => {
  const byName = "import { join } from 'node:path';\n\nexport const folder = join('a', 'b');\n";
  expect(lintExample(byName)).toMatchObject({ status: 0 });
  const asDefault = "import path from 'node:path';\n\nexport const folder = path.join('a', 'b');\n";
  expectRefused(asDefault, 'by their names');
});
