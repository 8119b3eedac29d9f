import { expect, test } from 'vitest';
import { takeHandoff } from './handoff.windows.ts';

test('the secret is handed over, and removed from the environment of the process', () => {
  const variables = { CONFIG: 'Sesame', A: '1' };
  const { environment, ...rest } = takeHandoff(variables, 'CONFIG');
  expect(environment.entries.map(String)).toEqual(['CONFIG=Sesame', 'A=1']);
  expect(variables).toEqual({ A: '1' });
  expect(rest).toEqual({ ignoredSignals: 0n, openFiles: undefined });
});
