/** A shared library, or the loader, as it is packed. */
export interface Library {
  readonly name: string;
  readonly bytes: Buffer;
}
