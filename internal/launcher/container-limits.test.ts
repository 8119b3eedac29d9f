import { expect, test } from 'vitest';
import { BareImage, mountProc } from '../dev/testing/bare-image.ts';

const small = String(32 * 2 ** 20);
const noLimitInVersion1 = '9223372036854771712';
const pod = '/kubepods.slice/kubepods-pod1.slice/cri-containerd-1.scope';

/** Whether the launcher limits reading ahead. It only does so if memory is scarce: see image.c. */
async function findsScarceMemory(
  membership: string,
  files: Readonly<Record<string, string>>,
): Promise<boolean> {
  await using image = await BareImage.create();
  await image.addFile('membership', membership);
  for (const [path, content] of Object.entries(files))
    await image.addFile(`sys/fs/cgroup${path}`, `${content}\n`);
  // The shell is PID 1, and so is the program that it becomes.
  const before = `${mountProc} && mount --bind "$0/membership" "$0/proc/1/cgroup"`;
  const { stdout } = await image.run(['report'], { before });
  return JSON.parse(stdout).mappings > 50;
}

test.each<[title: string, membership: string, files: Readonly<Record<string, string>>, isScarce: boolean]>([
  ['version 2, with a namespace', '0::/\n', { '/memory.max': small }, true],
  ['version 2, with a namespace, without a limit', '0::/\n', { '/memory.max': 'max' }, false],
  ['version 2, without a namespace', `0::${pod}\n`, { [`${pod}/memory.max`]: small }, true],
  ['version 2, without a namespace and a limit', `0::${pod}\n`, { [`${pod}/memory.max`]: 'max' }, false],
  ['version 2, with a colon in the name', '0::/a:b\n', { '/a:b/memory.max': small }, true],
  [
    'version 2, the limit of another cgroup',
    `0::${pod}\n`,
    { [`${pod}/memory.max`]: 'max', '/other/memory.max': small },
    false,
  ],
  [
    'version 1, with a mount of its own',
    `4:memory:${pod}\n`,
    { '/memory/memory.limit_in_bytes': small },
    true,
  ],
  [
    'version 1, with the tree of the host',
    `11:cpu,cpuacct:/\n4:pids,memory:${pod}\n1:name=systemd:/\n0::/\n`,
    { '/memory/memory.limit_in_bytes': noLimitInVersion1, [`/memory${pod}/memory.limit_in_bytes`]: small },
    true,
  ],
  [
    'version 1, without a limit',
    `4:memory:${pod}\n`,
    {
      '/memory/memory.limit_in_bytes': noLimitInVersion1,
      [`/memory${pod}/memory.limit_in_bytes`]: noLimitInVersion1,
    },
    false,
  ],
  [
    'no line about memory',
    '4:memory_other:/\n3:cpu:/x\nno line\n:',
    { '/memory/memory.limit_in_bytes': noLimitInVersion1 },
    false,
  ],
  ['no cgroups', '', {}, true],
])('finds the limit of memory: %s', async (_title, membership, files, isScarce) => {
  expect(await findsScarceMemory(membership, files)).toBe(isScarce);
});
