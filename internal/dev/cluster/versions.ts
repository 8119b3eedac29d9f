/** Kubernetes. Its modules have the version 0.x.y for 1.x.y. `docs/cluster.md` says how to change it. */
export const kubernetesVersion = '1.34.4';

/** CoreDNS, in a version whose code fits the client library of that Kubernetes. */
export const corednsVersion = '1.12.4';

/** For rendering and installing charts: `./do cluster helm`. */
export const helmVersion = '3.19.5';

/** The definitions of `./do cluster up --with gateway`. */
export const gatewayApiVersion = '1.4.1';
