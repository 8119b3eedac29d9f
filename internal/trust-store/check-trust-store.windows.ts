import type { CheckTrustStore } from './check-trust-store.ts';

/** Windows has one trust store, and no variables for its place. */
export const checkTrustStore: CheckTrustStore = () => {};
