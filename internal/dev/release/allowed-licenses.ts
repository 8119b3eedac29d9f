/**
 * The licences that may be in the executable, by SPDX identifier: licences that only ask for a notice, and
 * two that ask for more. docs/supply-chain.md explains these two.
 */
const allowed = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'ISC',
  'LicenseRef-public-domain',
  'MIT',
  'Unicode-3.0',
  'Zlib',
  'blessing',
  // Only for libraries that are loaded at run time and can be replaced by a new build: glibc, and the runtime
  // of GCC.
  'GPL-3.0-or-later WITH GCC-exception-3.1',
  'LGPL-2.1-or-later',
]);

/** Whether an SPDX expression may be used: `A OR B` if one of them may, `A AND B` if both may. */
export function isAllowed(expression: string): boolean {
  const text = expression.replace(/^\((.*)\)$/, '$1');
  if (text.includes(' OR ')) return text.split(' OR ').some(isAllowed);
  return text.split(' AND ').every((license) => allowed.has(license));
}

/** @throws Error that names everything with a licence that is not on the list */
export function requireAllowed(uses: readonly { readonly name: string; readonly license: string }[]): void {
  const refused = uses.filter(({ license }) => !isAllowed(license));
  if (refused.length === 0) return;
  const list = refused.map(({ name, license }) => `${name} (${license})`).join(', ');
  throw new Error(`not on the list of allowed licences in internal/dev/release/allowed-licenses.ts: ${list}`);
}
