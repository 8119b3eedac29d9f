import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { repository } from '../../packer/repository.ts';
import { findCycles, findForbidden, findReached, listImports, type Rules } from './imports.ts';

/** Which part may import which, beside itself. Tests may import anything. */
const rules: Rules = {
  'cmd/orchestrator': ['init', 'task', 'internal'],
  'cmd/container-agent': ['runner', 'clients/runner', 'clients/kubernetes', 'internal'],
  init: ['internal'],
  task: ['clients/runner', 'internal'],
  runner: ['clients/runner', 'clients/kubernetes', 'internal'],
  'clients/runner': ['internal'],
  'clients/kubernetes': ['internal'],
  internal: [],
  'internal/packer': ['internal'],
  // A program's build is described beside it, in the packer's terms. Nothing of this ships: shipped.test.ts.
  'cmd/orchestrator/program.ts': ['internal/packer'],
  'cmd/container-agent/program.ts': ['internal/packer'],
  'internal/dev': ['internal/packer', 'internal', 'clients/runner', 'init', 'task'],
};

const imports = listImports(['cmd', 'init', 'task', 'runner', 'clients', 'internal']);

test('dependencies point one way: the table allows every import', () => {
  expect(imports.length).toBeGreaterThan(400);
  expect(findForbidden(imports, rules)).toEqual([]);
});

test.each([
  { from: 'task/task.ts', to: 'internal/dev/testing/wait-for.ts' },
  { from: 'internal/log/logger.ts', to: 'internal/packer/bundle.ts' },
  { from: 'init/init.ts', to: 'task/task.ts' },
  { from: 'runner/verdict/judge-task.ts', to: 'task/task.ts' },
  { from: 'clients/runner/client.ts', to: 'task/report.ts' },
  { from: 'init/init.ts', to: 'somewhere/else.ts' },
])('an import of $to by $from would be found', (forbidden) => {
  expect(findForbidden([forbidden], rules)).toEqual([`${forbidden.from} → ${forbidden.to}`]);
});

test('Pods are planned and judged without a client, a logger or a clock', () => {
  const reached = findReached(imports, /^runner\/(pod|verdict)\//);
  expect(reached.length).toBeGreaterThan(40);
  const allowed = /^runner\/(pod|verdict|classes|names|schema|task-configuration)\/|^internal\/(?!log\/)/;
  expect(reached.filter((file) => !allowed.test(file))).toEqual([]);
  const clock = /performance\.now|Date\.now|new Date\(\)|setTimeout/;
  const ownFiles = reached.filter((file) => file.startsWith('runner/'));
  expect(ownFiles.filter((file) => clock.test(readFileSync(join(repository, file), 'utf8')))).toEqual([]);
});

test('what is imported by a detour is found', () => {
  const detour = [
    { from: 'runner/pod/a.ts', to: 'runner/b.ts' },
    { from: 'runner/b.ts', to: 'clients/c.ts' },
    { from: 'cmd/d.ts', to: 'runner/pod/a.ts' },
  ];
  expect(findReached(detour, /^runner\/pod\//)).toEqual(['runner/pod/a.ts', 'runner/b.ts', 'clients/c.ts']);
});

test('no files import each other in a circle', () => {
  expect(findCycles([...imports, ...listImports(['acceptance'])])).toEqual([]);
});

test('no folders of the container runner import each other in a circle', () => {
  const folderOf = (file: string) => /^runner\/[^/]+/.exec(file)?.[0];
  const between = imports.flatMap((one) => {
    const [from, to] = [folderOf(one.from), folderOf(one.to)];
    return from === undefined || to === undefined || from === to ? [] : [{ from, to }];
  });
  expect(between.length).toBeGreaterThan(100);
  expect(findCycles(between)).toEqual([]);
});

test('a circle would be found, without the files around it', () => {
  const circle = [
    { from: 'a.ts', to: 'b.ts' },
    { from: 'b.ts', to: 'c.ts' },
    { from: 'c.ts', to: 'a.ts' },
  ];
  const around = [
    { from: 'main.ts', to: 'a.ts' },
    { from: 'c.ts', to: 'leaf.ts' },
  ];
  expect(findCycles([...around, ...circle])).toEqual(['a.ts → b.ts', 'b.ts → c.ts', 'c.ts → a.ts']);
  expect(findCycles(around)).toEqual([]);
});

test('only internal/syscall calls foreign functions', () => {
  const files = globSync(['{cmd,init,task,runner,clients,internal}/**/*.ts'], {
    cwd: repository,
    exclude: ['internal/{syscall,dev}/**', '**/fixtures/**', '**/*.test.ts'],
  });
  expect(files.filter((file) => readFileSync(join(repository, file), 'utf8').includes('node:ffi'))).toEqual(
    [],
  );
});
