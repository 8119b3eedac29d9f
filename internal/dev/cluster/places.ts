import { join } from 'node:path';

/** Everything that a running cluster writes, and all that there is to remove of its files. */
export const stateFolder = '/var/lib/runner-init-cluster';

const inState = (...path: string[]) => join(stateFolder, ...path);

/** Files and folders of a running cluster. */
export const places = {
  /** The programs that were built, as the cluster sees them. */
  programs: inState('programs'),
  /** Leads to the kubectl of the version that runs, for this machine. */
  kubectl: inState('kubectl'),
  certificates: inState('certificates'),
  configuration: inState('configuration'),
  /** A file for each component, and one for the sandbox. */
  logs: inState('logs'),
  /** What `kubectl` and `helm` read to be the administrator. */
  kubeconfig: inState('certificates', 'admin.kubeconfig'),
  /** A line of JSON for each request that the API server has answered. */
  auditLog: inState('logs', 'audit.log'),
  /** `<registry>/hosts.toml` in it says how containerd reaches a registry. */
  registries: inState('configuration', 'registries'),
  /** The cluster's own /run, /tmp and /var. */
  run: inState('run'),
  tmp: inState('tmp'),
  var: inState('var'),
  /** Where the cluster has this folder in its own /var. */
  stateInVar: inState('var', 'lib', 'runner-init-cluster'),
  containerdSocket: inState('run', 'containerd', 'containerd.sock'),
} as const;
