import type { CheckTrustStore } from './check-trust-store.ts';

/** Windows has one trust store, and no variables that say where it is. */
export const checkTrustStore: CheckTrustStore = () => {};
