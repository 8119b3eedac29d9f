import { expect, test } from 'vitest';
import { assertion, compilers, complaintsAbout } from '../dev/testing/c-compilers.ts';

// The launcher and its guard declare these themselves, because they are compiled without a C library.

/** Each structure, with its members in both declarations. */
const declarations = [
  {
    name: 'struct dl_phdr_info',
    // Only one of the two headers may define the types of ELF files.
    source: `
      #include <link.h>
      #define _LINUX_ELF_H
      #define dl_phdr_info own_dl_phdr_info
      #define dl_iterate_phdr own_dl_iterate_phdr
      #include "guard/c-library.h"
      #undef dl_phdr_info`,
    own: 'struct own_dl_phdr_info',
    theirs: 'struct dl_phdr_info',
    members: {
      bias: 'dlpi_addr',
      name: 'dlpi_name',
      headers: 'dlpi_phdr',
      header_count: 'dlpi_phnum',
    },
  },
  {
    name: 'struct sigaction',
    source: '#include <signal.h>\n#include "guard/c-library.h"',
    own: 'struct c_sigaction',
    theirs: 'struct sigaction',
    members: { handler: 'sa_handler', mask: 'sa_mask', flags: 'sa_flags', restorer: 'sa_restorer' },
  },
  {
    name: 'struct rlimit64',
    source: '#include "syscalls.h"\n#include <linux/resource.h>',
    own: 'struct resource_limit',
    theirs: 'struct rlimit64',
    members: { soft: 'rlim_cur', hard: 'rlim_max' },
  },
  {
    name: 'struct dirent64',
    source: '#include <dirent.h>\n#include "close-on-exec.c"',
    own: 'struct directory_entry',
    theirs: 'struct dirent64',
    members: { inode: 'd_ino', offset: 'd_off', size: 'd_reclen', type: 'd_type', name: 'd_name' },
  },
] as const;

for (const { architecture, title, isThere } of compilers) {
  test.runIf(isThere).each(declarations)(
    `$name is declared as in the headers of ${title}`,
    ({ source, own, theirs, members }) => {
      const asserted = Object.entries(members).map(([ours, other]) =>
        assertion(`__builtin_offsetof(${own}, ${ours}) == __builtin_offsetof(${theirs}, ${other})`),
      );
      const code = [`#define _GNU_SOURCE\n${source}`, ...asserted].join('\n');
      expect(complaintsAbout(code, architecture, import.meta.dirname)).toBe('');
    },
  );
}
