import { expect, test } from 'vitest';
import { parseHierarchies } from './hierarchies.ts';

test('version 2 has one hierarchy', () => {
  const mountinfo = `22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
26 22 0:24 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate
`;
  expect(parseHierarchies(mountinfo)).toEqual([{ mountPoint: '/sys/fs/cgroup', isCpuset: false }]);
});

test('version 1 has one for each controller, and version 2 may be beside it', () => {
  const mountinfo = `31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct
34 31 0:31 / /sys/fs/cgroup/cpuset rw,relatime - cgroup cgroup rw,cpuset
40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
`;
  expect(parseHierarchies(mountinfo)).toEqual([
    { mountPoint: '/sys/fs/cgroup/cpu,cpuacct', isCpuset: false },
    { mountPoint: '/sys/fs/cgroup/cpuset', isCpuset: true },
    { mountPoint: '/sys/fs/cgroup/systemd', isCpuset: false },
    { mountPoint: '/sys/fs/cgroup/unified', isCpuset: false },
  ]);
});

test('a hierarchy that is mounted twice, or in part, is listed once', () => {
  const mountinfo = `26 22 0:24 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw
90 22 0:24 / /mnt/cgroup rw - cgroup2 cgroup2 rw
91 22 0:25 /docker/1 /mnt/part rw - cgroup cgroup rw,memory
`;
  expect(parseHierarchies(mountinfo)).toEqual([{ mountPoint: '/sys/fs/cgroup', isCpuset: false }]);
});
