import { expect, test } from 'vitest';
import { type Bom, formatBom, licensesOf, type SbomComponent } from './cyclonedx.ts';

const product: SbomComponent = {
  type: 'application',
  'bom-ref': 'product',
  name: 'product',
  version: '1.0.0',
  licenses: licensesOf('Apache-2.0'),
};
const bom: Bom = { product, components: [], dependencies: { product: [] }, date: '2026-01-02T03:04:05Z' };

test('makes the same document of the same contents', () => {
  expect(formatBom(bom)).toBe(formatBom(structuredClone(bom)));
});

test('gives different contents a different serial number', () => {
  const serial = (text: string) => (JSON.parse(text) as { serialNumber: string }).serialNumber;
  expect(serial(formatBom(bom))).toMatch(
    /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  expect(serial(formatBom({ ...bom, components: [product] }))).not.toBe(serial(formatBom(bom)));
});

test('leaves out a date that is not known', () => {
  expect(JSON.parse(formatBom({ ...bom, date: 'unknown' }))).not.toHaveProperty('metadata.timestamp');
});

test('writes an SPDX identifier as an identifier, and anything else as an expression', () => {
  expect(licensesOf('MIT')).toEqual([{ license: { id: 'MIT' } }]);
  expect(licensesOf('A WITH B')).toEqual([{ expression: 'A WITH B' }]);
  expect(licensesOf('LicenseRef-public-domain')).toEqual([{ expression: 'LicenseRef-public-domain' }]);
});
