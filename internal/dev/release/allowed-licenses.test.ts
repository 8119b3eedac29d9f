import { expect, test } from 'vitest';
import { isAllowed, requireAllowed } from './allowed-licenses.ts';

test.each([
  ['MIT', true],
  ['LGPL-2.1-or-later', true],
  ['GPL-3.0-or-later WITH GCC-exception-3.1', true],
  ['(MIT OR GPL-3.0-only)', true],
  ['MIT AND ISC', true],
  ['GPL-3.0-or-later', false],
  ['AGPL-3.0-only', false],
  ['MIT AND AGPL-3.0-only', false],
  ['UNLICENSED', false],
  ['SEE LICENSE IN LICENSE.md', false],
])('%s may be in the executable: %s', (expression, allowed) => {
  expect(isAllowed(expression)).toBe(allowed);
});

test('names everything whose licence is not allowed', () => {
  const uses = [
    { name: 'good', license: 'MIT' },
    { name: 'bad', license: 'AGPL-3.0-only' },
    { name: 'worse', license: 'BUSL-1.1' },
  ];
  expect(() => requireAllowed(uses)).toThrow(/: bad \(AGPL-3.0-only\), worse \(BUSL-1.1\)$/);
});
