import { join } from 'node:path';

/** The folder with all files that a running cluster writes. Only this folder has to be removed. */
export const stateFolder = '/var/lib/runner-init-cluster';

const inState = (...path: string[]) => join(stateFolder, ...path);

/** Files and folders of a running cluster. */
export const places = {
  /** The built programs, as the cluster sees them. */
  programs: inState('programs'),
  /** A link to the kubectl of the running version, for this machine. */
  kubectl: inState('kubectl'),
  certificates: inState('certificates'),
  configuration: inState('configuration'),
  /** A file for each component, and one for the sandbox. */
  logs: inState('logs'),
  /** The file that makes `kubectl` and `helm` the administrator. */
  kubeconfig: inState('certificates', 'admin.kubeconfig'),
  /** One line of JSON per request that the API server has answered. */
  auditLog: inState('logs', 'audit.log'),
  /** `<registry>/hosts.toml` in it says how containerd reaches a registry. */
  registries: inState('configuration', 'registries'),
  /** The cluster's own /run, /tmp and /var. */
  run: inState('run'),
  tmp: inState('tmp'),
  var: inState('var'),
  /** The place of this folder in the cluster's own /var. */
  stateInVar: inState('var', 'lib', 'runner-init-cluster'),
  containerdSocket: inState('run', 'containerd', 'containerd.sock'),
} as const;
