import { createHash } from 'node:crypto';

/** The used parts of CycloneDX 1.6: https://cyclonedx.org/docs/1.6/json/ */
export interface SbomComponent {
  readonly type: 'application' | 'library' | 'platform';
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  readonly licenses: readonly (
    | { readonly license: { readonly id: string } }
    | { readonly expression: string }
  )[];
  readonly purl?: string;
  readonly cpe?: string;
  readonly hashes?: readonly { readonly alg: 'SHA-256'; readonly content: string }[];
  readonly properties?: readonly Property[];
}

export interface Property {
  readonly name: string;
  readonly value: string;
}

export interface Bom {
  readonly product: SbomComponent;
  readonly components: readonly SbomComponent[];
  /** The dependencies of each component, by bom-ref. */
  readonly dependencies: Readonly<Record<string, readonly string[]>>;
  /** RFC 3339, or something else if it is not known. */
  readonly date: string;
}

/** An SPDX expression in CycloneDX's form. */
export function licensesOf(expression: string): SbomComponent['licenses'] {
  const isId = !/ |^LicenseRef-/.test(expression);
  return [isId ? { license: { id: expression } } : { expression }];
}

/** The JSON document. Its serial number comes from the contents, so the same release has the same bytes. */
export function formatBom({ product, components, dependencies, date }: Bom): string {
  const contents = {
    metadata: {
      ...(Number.isNaN(Date.parse(date)) ? {} : { timestamp: date }),
      component: product,
    },
    components,
    dependencies: Object.entries(dependencies).map(([ref, dependsOn]) => ({ ref, dependsOn })),
  };
  const serialNumber = `urn:uuid:${uuidOf(JSON.stringify(contents))}`;
  const head = { $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json', bomFormat: 'CycloneDX' };
  return `${JSON.stringify({ ...head, specVersion: '1.6', serialNumber, version: 1, ...contents }, null, 2)}\n`;
}

/** A UUID made of a hash: version 8 of RFC 9562. */
function uuidOf(text: string): string {
  const bytes = createHash('sha256').update(text).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
