import { getCACertificates } from 'node:tls';
import type { ReadSystemStore } from './system-store.ts';

/** Windows has no variables for the places of certificates. */
export const readSystemStore: ReadSystemStore = async (_environment, add) => {
  for (const pem of getCACertificates('system')) add(pem);
};
