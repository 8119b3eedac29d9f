import { expect, test } from 'vitest';
import { compilers } from '../dev/testing/c-compilers.ts';
import type { Architecture } from './architecture.ts';
import { hidePath } from './hidden-path.ts';
import { readLibraries, readLoader } from './libraries.ts';
import type { Library } from './library.ts';

/**
 * The paths that are left in the executable's C library, and why a file of the image at that place does no harm. Look
 * up any new path in the library's source. If it can load code of the image, or change what this process does,
 * libraries.ts has to hide it. docs/upgrading-node.md says more.
 */
const harmless: Record<string, Record<string, readonly string[]>> = {
  loader: {
    'the kernel has it': ['/proc/self/exe'],
    'it stands in for closed descriptors of set-user-ID programs': ['/dev/full', '/dev/null'],
    'LD_PROFILE alone asks for it, which is never set': ['/var/profile', '/var/tmp'],
    'it is in a text for people': [
      '/etc',
      '/etc/ld.so.cache',
      '/lib/ld-linux-aarch64.so.1',
      '/lib64/ld-linux-x86-64.so.2',
      '/usr',
    ],
  },
  'libc.so.6': {
    'Kubernetes writes it into each container': ['/etc/hosts', '/etc/resolv.conf'],
    'it orders the addresses of a name and does no more: gai.conf(5)': ['/etc/gai.conf'],
    'it is a text of names and numbers: nsswitch.conf(5), `files`': [
      '/etc/aliases',
      '/etc/ethers',
      '/etc/group',
      '/etc/gshadow',
      '/etc/netgroup',
      '/etc/networks',
      '/etc/passwd',
      '/etc/protocols',
      '/etc/rpc',
      '/etc/services',
      '/etc/shadow',
    ],
    'it is the time zone, and the launcher names another one: tzset(3)': [
      '/etc/loc…',
      '/etc/localtime',
      '/usr/sha…',
      '/usr/share/zoneinfo',
    ],
    'setlocale(3) alone asks for it, if the environment has a locale, which it never has': [
      '/locale.alias',
      '/usr/share/locale',
      '/usr/share/locale/%L/%N',
      '/usr/share/locale/%L/LC_MESSAGES/%N',
      '/usr/share/locale/%l/%N',
      '/usr/share/locale/%l/LC_MESSAGES/%N',
      '/usr/share/locale/%l/LC_MESSLC_MESSAGES/%N',
    ],
    'the kernel has it': [
      '/proc/meminfo',
      '/proc/mounts',
      '/proc/se…',
      '/proc/self/fd',
      '/proc/self/fd/',
      '/proc/self/loginuid',
      '/proc/self/maps',
      '/proc/self/task/%u/comm',
      '/proc/stat',
      '/proc/sys/kernel/ngroups_max',
      '/proc/sys/kernel/rtsig-max',
      '/proc/sys/vm/overcommit_memory',
      '/sys/dev/block/%u',
      '/sys/devices/system/cpu/online',
      '/sys/devices/system/cpu/possible',
      '/sys/fs/ext4/%s',
      '/sys/kernel/mm/hugepages',
      '/sys/kernel/mm/transparent_hugepage/enabled',
      '/sys/kernel/mm/transparent_hugepage/hpage_pmd_size',
    ],
    'the container engine makes it, and it is a device': [
      '/dev/',
      '/dev/console',
      '/dev/full',
      '/dev/null',
      '/dev/ptmx',
      '/dev/pts/',
      '/dev/pts…',
      '/dev/random',
      '/dev/tty',
      '/dev/tty…',
      '/dev/urandom',
    ],
    'shm_open(3) and sem_open(3) alone ask for it': ['/dev/shm/', '/dev/shm/sem.XXXXXX', '/dev/shm…'],
    'syslog(3) alone asks for it': ['/dev/log'],
    'system(3), execvp(3) and the like alone ask for it; children are started by posix_spawn(3) with a whole path':
      ['/bin', '/bin/csh', '/bin/sh', '/usr/bin'],
    'logins, shells and mount tables alone ask for it': [
      '/.rhosts',
      '/etc/.pwd.lock',
      '/etc/fstab',
      '/etc/hostid',
      '/etc/hosts.equiv',
      '/etc/mtab',
      '/etc/shells',
      '/etc/ttys',
      '/tmp',
      '/var/log/wtmp',
      '/var/log/wtmpx',
      '/var/run/keyservsock',
      '/var/run/utmp',
      '/var/run/utmpx',
    ],
    'nscd(8) alone asks for it, by __nss_disable_nscd()': ['/etc/nsswitch.co'],
    'it is the loader of this library as a program': [
      '/lib/ld-linux-aarch64.so.1',
      '/lib64/ld-linux-x86-64.so.2',
    ],
    'it is a part of a path': ['/../'],
  },
  'libstdc++.so.6': {
    'the container engine makes it, and it is a device': ['/dev/random', '/dev/urandom'],
    'std::filesystem::temp_directory_path alone asks for it': ['/tmp'],
    'it is no path': ['/nullptr'],
  },
};

/** The folders at the root of an image. Paths in other folders are only found if they are a whole text. */
const folders =
  'bin|boot|dev|etc|home|lib(?:32|64|exec)?|media|mnt|opt|proc|root|run|s?bin|srv|sys|tmp|usr|var';
const absolutePath = new RegExp(
  String.raw`(?<![\w./%-])/(?:${folders})(?![A-Za-z0-9_])[\w./%-]*|(?<=\0)/[a-z.][\w./%-]{2,}(?=\0)`,
  'g',
);

/** Compilers cut texts into pieces within instructions. A piece has at most this many bytes of the text. */
const pieceLength = 8;

function pathsIn({ bytes }: Library): string[] {
  const text = bytes.toString('latin1');
  const found = [...text.matchAll(absolutePath)].map(({ 0: path, index }) => {
    const isWhole = /[\0\n -~]/.test(text.charAt(index + path.length));
    return isWhole ? path : `${path.slice(0, pieceLength)}…`;
  });
  return [...new Set(found)].filter((path) => !path.startsWith('/proc/-/')).sort();
}

function listed(library: string): string[] {
  return Object.values(harmless[library] ?? {}).flat();
}

async function packedLibraries(architecture: Architecture): Promise<[name: string, library: Library][]> {
  const libraries = await readLibraries(architecture);
  return [
    ['loader', await readLoader(architecture)],
    ...libraries.map((library): [string, Library] => [library.name, library]),
  ];
}

for (const { architecture, title, isThere } of compilers) {
  test.runIf(isThere)(`no library for ${title} has a path that is not in the list`, async () => {
    for (const [name, library] of await packedLibraries(architecture)) {
      const known = listed(name);
      const unknown = pathsIn(library).filter((path) => !known.includes(path));
      expect({ name, unknown }).toEqual({ name, unknown: [] });
    }
  });
}

const haveAll = compilers.every(({ isThere }) => isThere);

test.runIf(haveAll)(
  `every path in the list is in a library${haveAll ? '' : ' (left out: a compiler is missing)'}`,
  async () => {
    const all = await Promise.all(compilers.map(({ architecture }) => packedLibraries(architecture)));
    for (const name of Object.keys(harmless)) {
      const found = all.flat().flatMap(([library, content]) => (library === name ? pathsIn(content) : []));
      expect({ name, stale: listed(name).filter((path) => !found.includes(path)) }).toEqual({
        name,
        stale: [],
      });
    }
  },
);

test.each([
  ['a text', 'x\0/etc/ld.so.conf\0', ['/etc/ld.so.conf']],
  ['several in one text', '\0/bin:/usr/bin\0', ['/bin', '/usr/bin']],
  ['a piece in an instruction', '\xb8/etc/locH9\xc8', ['/etc/loc…']],
  ['a folder that images seldom have', '\0/nix/store\0', ['/nix/store']],
])('a path is found as %s', (_, content, paths) => {
  expect(pathsIn({ name: 'test', bytes: Buffer.from(content, 'latin1') })).toEqual(paths);
});

test('a hidden path is not found', () => {
  const library = { name: 'test', bytes: Buffer.from('\0/etc/ld.so.cache\0') };
  hidePath(library, '/etc/ld.so.cache');
  expect(pathsIn(library)).toEqual([]);
});
