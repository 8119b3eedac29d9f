import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { scratchFolder } from '../../internal/dev/testing/scratch-folder.ts';
import { readContainerMemory } from './container-memory.linux.ts';
import { describeOomKills } from './oom.ts';

const garbage = fc.string({ unit: 'binary' });
const membership = fc.oneof(
  garbage,
  fc
    .array(
      fc.constantFrom(
        '0::/',
        '0::/a:b/../..',
        '9:memory:/x',
        '4:cpu,memory:/',
        ':::',
        '0:',
        'memory',
        '1:name=x:/',
      ),
    )
    .map((lines) => lines.join('\n')),
);
const events = fc.oneof(
  garbage,
  fc.nat().map((kills) => `low 0\noom 0\noom_kill ${kills}\n`),
);
const limit = fc.oneof(garbage, fc.constantFrom('max', '0', '9223372036854771712', '', '-1', '1e400', 'NaN'));

test('any content of the files of cgroups gives nothing or one sentence', () => {
  const root = scratchFolder();
  const files = {
    membership: 'proc/self/cgroup',
    v2Events: 'sys/fs/cgroup/memory.events',
    v2Limit: 'sys/fs/cgroup/memory.max',
    v1Events: 'sys/fs/cgroup/memory/memory.oom_control',
    v1Limit: 'sys/fs/cgroup/memory/memory.limit_in_bytes',
  };
  const write = (file: string, content: string) => {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), content);
  };
  fc.assert(
    fc.property(membership, events, events, limit, (own, before, after, size) => {
      write(files.membership, own);
      for (const file of [files.v2Limit, files.v1Limit]) write(file, size);
      for (const file of [files.v2Events, files.v1Events]) write(file, before);
      const atStart = readContainerMemory(root);
      for (const file of [files.v2Events, files.v1Events]) write(file, after);
      expect(describeOomKills(atStart, readContainerMemory(root))).toMatch(
        /^(|The kernel OOM killer .*\(memory limit: (none of its own|-?[\d.]+ MiB)\).*\.)$/,
      );
    }),
  );
});
