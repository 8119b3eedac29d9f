/** Well-known labels of nodes. */
export const osLabel = 'kubernetes.io/os';
export const archLabel = 'kubernetes.io/arch';

/** The properties of task Pods on an operating system. */
export interface PodPlatform {
  readonly os: 'linux' | 'windows';
  /** The folder where init puts the orchestrator and the task agent. */
  readonly binaries: string;
  readonly orchestrator: string;
  readonly taskAgent: string;
  /** The folder where the logging container signals that the services run. */
  readonly readiness: string;
  readonly readinessFile: string;
  /** Whether the nodes on which a class's Pods can be scheduled differ. Undefined: they were not listed. */
  readonly mixed?: { readonly systems: boolean; readonly architectures: boolean };
}

export const linux: PodPlatform = {
  os: 'linux',
  binaries: '/opt/circleci/bin',
  orchestrator: '/opt/circleci/bin/orchestrator',
  taskAgent: '/opt/circleci/bin/circleci-agent',
  readiness: '/opt/circleci/services',
  readinessFile: '/opt/circleci/services/running',
};

export const windows: PodPlatform = {
  os: 'windows',
  binaries: 'C:\\opt\\circleci\\bin',
  orchestrator: 'C:\\opt\\circleci\\bin\\orchestrator.exe',
  taskAgent: 'C:\\opt\\circleci\\bin\\circleci-agent.exe',
  readiness: 'C:\\opt\\circleci\\services',
  readinessFile: 'C:\\opt\\circleci\\services\\running',
};
