import { expect, test } from 'vitest';
import { components } from './components.ts';
import { places } from './places.ts';

test('each component comes after those that it needs', () => {
  for (const [index, { name, after }] of components.entries()) {
    const before = components.slice(0, index).map((component) => component.name);
    expect(before, name).toEqual(expect.arrayContaining([...after]));
  }
});

test.each(components)('$name has the name of its program, so that it can be found', ({ name, command }) => {
  expect(command[0]?.split('/').at(-1)).toBe(name);
});

test.each(components)('$name has its configuration in a folder that is removed', ({ files = {} }) => {
  expect(Object.keys(files).filter((path) => !path.startsWith(`${places.configuration}/`))).toEqual([]);
});

test('no two components write the same file', () => {
  const paths = components.flatMap(({ files = {} }) => Object.keys(files));
  expect(new Set(paths).size).toBe(paths.length);
});
