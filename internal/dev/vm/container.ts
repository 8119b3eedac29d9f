/** The capabilities of an ordinary container. */
const usualCapabilities = [
  ...[
    'AUDIT_WRITE',
    'CHOWN',
    'DAC_OVERRIDE',
    'FOWNER',
    'FSETID',
    'KILL',
    'MKNOD',
    'NET_BIND_SERVICE',
    'NET_RAW',
  ],
  ...['SETFCAP', 'SETGID', 'SETPCAP', 'SETUID', 'SYS_CHROOT'],
];

/** A container of runc on a node. It has the node's network. */
export interface ContainerToRun {
  /** Its name on the node. */
  readonly id: string;
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Without one, as in privileged containers, it sees the control groups of the whole node. */
  readonly cgroupNamespace?: boolean;
  readonly memoryMebibytes?: number;
  /** The OOM killer kills all processes at once, as kubelets from 1.28 on set it. */
  readonly oomGroup?: boolean;
  /** In processors. */
  readonly cpus?: number;
  /** In addition to the usual ones. */
  readonly capabilities?: readonly string[];
  readonly oomScoreAdj?: number;
  /** The volume with the programs cannot be written. */
  readonly readOnlyVolume?: boolean;
  /** A volume in memory at /shared, which counts as the container's memory. */
  readonly memoryVolume?: boolean;
  /** The SELinux type of its processes. */
  readonly selinuxType?: string;
  /** The AppArmor profile of its processes. */
  readonly apparmorProfile?: string;
}

const folderOf = (id: string) => `/volume/containers/${id}`;
const cgroupOf = (id: string) => `/containers/${id}`;
const uptime = 'cut -d " " -f 1 /proc/uptime';
/** The SELinux categories of one container. */
const level = 's0:c1,c2';

/** The traces of an ended container. */
export interface ContainerTraces {
  /** How long its program ran, by the clock of the node. */
  readonly seconds: number;
  readonly terminationLog: string;
}

/** The script that prints an ended container's traces for {@link parseTraces}. */
export const tracesScript = (id: string) => `cd ${folderOf(id)} && cat began ended termination-log`;

export function parseTraces(output: string): ContainerTraces {
  const [began, ended, ...terminationLog] = output.split('\n');
  return { seconds: Number(ended) - Number(began), terminationLog: terminationLog.join('\n') };
}

/**
 * The script that runs a container on its node to the end, with the container's output and status. The control group's
 * limit of processes is set after the start of runc, which needs more of them than the container's program may have.
 */
export function containerScript(container: ContainerToRun, pids: number | 'max' = 'max'): string {
  const { id } = container;
  return [
    `mkdir -p ${folderOf(id)} && cd ${folderOf(id)}`,
    `echo ${Buffer.from(JSON.stringify(bundleOf(container))).toString('base64')} | base64 -d >config.json`,
    ': >termination-log; : >stdout; : >stderr; mkfifo gate',
    `[ ! -e /sys/fs/selinux/enforce ] || setfiles -F /etc/selinux/node-labels ${folderOf(id)}`,
    `timeout -s KILL 240 runc run ${id} >stdout 2>stderr & runc=$!`,
    // Opening waits for the container to open it.
    `{ exec 4>gate; echo ${pids} >/sys/fs/cgroup${cgroupOf(id)}/pids.max; ${uptime} >began; echo >&4; } & gate=$!`,
    `wait $runc; status=$?; ${uptime} >ended`,
    `{ kill $gate; runc delete --force ${id}; } 2>/dev/null`,
    'cat stdout; cat stderr >&2; exit $status',
  ].join('\n');
}

function bundleOf(container: ContainerToRun): object {
  const { id, selinuxType, apparmorProfile } = container;
  const names = [...usualCapabilities, ...(container.capabilities ?? [])].map((name) => `CAP_${name}`);
  const namespaces = [
    'pid',
    'ipc',
    'uts',
    'mount',
    ...(container.cgroupNamespace === false ? [] : ['cgroup']),
  ];
  return {
    ociVersion: '1.0.2',
    process: {
      user: { uid: 0, gid: 0 },
      cwd: '/',
      args: ['sh', '-c', 'read -r _ </dev/gate && exec "$@"', 'sh', ...container.command],
      env: Object.entries({ PATH: '/bin', ...container.env }).map(([name, value]) => `${name}=${value}`),
      capabilities: { bounding: names, effective: names, permitted: names },
      oomScoreAdj: container.oomScoreAdj ?? 0,
      ...(apparmorProfile && { apparmorProfile }),
      ...(selinuxType && { selinuxLabel: `system_u:system_r:${selinuxType}:${level}` }),
    },
    root: { path: '/image', readonly: true },
    mounts: mountsOf(container),
    linux: {
      namespaces: namespaces.map((type) => ({ type })),
      cgroupsPath: cgroupOf(id),
      resources: resourcesOf(container),
      ...(selinuxType && { mountLabel: `system_u:object_r:container_file_t:${level}` }),
    },
  };
}

function mountsOf({ id, memoryVolume, readOnlyVolume }: ContainerToRun): object[] {
  const bind = (source: string, destination: string, mode = 'rw') => ({
    destination,
    source,
    type: 'bind',
    options: ['bind', mode],
  });
  return [
    { destination: '/proc', type: 'proc', source: 'proc' },
    { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755', 'size=65536k'] },
    {
      destination: '/dev/shm',
      type: 'tmpfs',
      source: 'shm',
      options: ['nosuid', 'nodev', 'noexec', 'size=65536k'],
    },
    { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', 'ro'] },
    {
      destination: '/sys/fs/cgroup',
      type: 'cgroup',
      source: 'cgroup',
      options: ['nosuid', 'noexec', 'nodev', 'ro'],
    },
    ...(memoryVolume ? [{ destination: '/shared', type: 'tmpfs', source: 'shared' }] : []),
    bind('/volume/bin', '/opt/circleci/bin', readOnlyVolume ? 'ro' : 'rw'),
    bind(`${folderOf(id)}/termination-log`, '/dev/termination-log'),
    bind(`${folderOf(id)}/gate`, '/dev/gate'),
  ];
}

function resourcesOf({ memoryMebibytes, oomGroup, cpus }: ContainerToRun): object {
  const period = 100_000;
  const bytes = (memoryMebibytes ?? 0) * 2 ** 20;
  return {
    ...(memoryMebibytes && { memory: { limit: bytes, swap: bytes } }),
    ...(cpus && { cpu: { period, quota: cpus * period } }),
    ...(oomGroup && { unified: { 'memory.oom.group': '1' } }),
  };
}
