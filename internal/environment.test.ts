import { describe, expect, test } from 'vitest';
import { Environment } from './environment.ts';

function block(...entries: string[]): Environment {
  return Environment.fromBlock(Buffer.from(entries.map((entry) => `${entry}\0`).join(''), 'latin1'));
}

function entries(environment: Environment): string[] {
  return environment.entries.map((entry) => entry.toString('latin1'));
}

describe('a block', () => {
  test.each([
    ['', []],
    ['A=1\0', ['A=1']],
    ['A=1\0B=2\0', ['A=1', 'B=2']],
    ['A=1\0B=2', ['A=1', 'B=2']],
    ['A=\0\0=x\0noequals\0', ['A=', '', '=x', 'noequals']],
    ['A=1\0A=2\0', ['A=1', 'A=2']],
    ['A=\xff\xfe\n\0', ['A=\xff\xfe\n']],
  ])('%j keeps every byte and the order', (text, expected) => {
    expect(entries(Environment.fromBlock(Buffer.from(text, 'latin1')))).toEqual(expected);
  });
});

test('an object’s undefined values are left out', () => {
  expect(entries(Environment.fromObject({ A: '1', B: undefined, C: '' }))).toEqual(['A=1', 'C=']);
});

describe('get', () => {
  const environment = block('A=1', 'AB=2', 'A=3', 'E=', 'X=a=b', 'noequals', '=nameless');

  test.each([
    ['A', '1'],
    ['AB', '2'],
    ['E', ''],
    ['X', 'a=b'],
    ['B', undefined],
    ['noequals', undefined],
    ['a', undefined],
  ])('%s is %j', (name, value) => {
    expect(environment.get(name)).toBe(value);
  });

  test('shows bytes that are not UTF-8 as U+FFFD, and getBytes shows them unchanged', () => {
    expect(block('A=\xff').get('A')).toBe('\ufffd');
    expect(block('A=\xff').getBytes('A')).toEqual(Buffer.from([0xff]));
  });
});

test('without leaves out every name with the prefix, and nothing else', () => {
  const environment = block('P=1', 'PRE=2', 'PREFIX=3', 'PRE=4', 'XPRE=5', 'A=PRE');
  expect(entries(environment.without('PRE'))).toEqual(['P=1', 'XPRE=5', 'A=PRE']);
});

describe('with', () => {
  test('replaces the first entry of the name where it stands', () => {
    expect(entries(block('A=1', 'B=2', 'C=3').with('B', 'new'))).toEqual(['A=1', 'B=new', 'C=3']);
    expect(block('A=1', 'A=2').with('A', 'new').get('A')).toBe('new');
  });

  test('adds a new name at the end', () => {
    expect(entries(block('AB=1').with('A', ''))).toEqual(['AB=1', 'A=']);
  });

  test('takes bytes', () => {
    expect(entries(block().with('A', Buffer.from([0xff])))).toEqual(['A=\xff']);
  });

  test('does not change the original', () => {
    const environment = block('A=1');
    environment.with('A', '2');
    environment.without('A');
    expect(entries(environment)).toEqual(['A=1']);
  });
});
