import fc from 'fast-check';
import { expect, test } from 'vitest';
import { labelValue, podName } from './names.ts';

test('a Pod is named after its task', () => {
  expect(podName('65F1-abc', '00000000')).toBe('ccita-65f1-abc-0-00000000');
  expect(podName('1b1c9f9e-0000-4000-8000-000000000001')).toMatch(
    /^ccita-1b1c9f9e-0000-4000-8000-000000000001-0-[0-9a-f]{8}$/,
  );
});

test('the name of a Pod is a valid host name for any task', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (id) => {
      const name = podName(id);
      expect(name.length).toBeLessThanOrEqual(63);
      expect(name).toMatch(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/);
    }),
  );
});

test('the label of a replica is valid for any name', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(labelValue(text)).toMatch(/^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/);
      expect(labelValue(text).length).toBeLessThanOrEqual(63);
    }),
  );
});
