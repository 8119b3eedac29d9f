/**
 * The cluster's addresses. They are in 198.18.0.0/15, which RFC 2544 reserves for measurements, so the machine's own
 * networks do not use them.
 */
export const addresses = {
  /** The whole cluster. The machine reaches it through the node. */
  cluster: '198.18.0.0/16',
  /** The machine as Pods see it: Pods can reach a test that listens here. */
  machine: '198.18.0.1',
  /** The node, its API server and its name server. */
  node: '198.18.0.2',
  /** Between the two. */
  linkPrefix: 30,
  pods: '198.18.1.0/24',
  services: '198.18.2.0/24',
  /** The first of `services`: the Service `kubernetes`, for the API server. */
  kubernetesService: '198.18.2.1',
} as const;

/** The domain of the names of Services. */
export const clusterDomain = 'cluster.local';

/** The only node's name. */
export const nodeName = 'node';

export const apiServerUrl = `https://${addresses.node}:6443`;
