import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { initKinds } from '../../../init/init-failure.ts';
import { taskKinds } from '../../../task/failure-kinds.ts';
import { type FailureKind, sharedKinds } from '../../failure.ts';
import { repository } from '../../packer/repository.ts';

const page = readFileSync(join(repository, 'docs/orchestrator/failures-and-messages.md'), 'utf8');
const rows = [...page.matchAll(/^\| `([\w-]+)` \| (yes|no) \| (\d+) \| [^|]+ \|$/gm)];
const documented = rows.map(
  ([, code = '', retryable, exitStatus]): FailureKind => ({
    code,
    retryable: retryable === 'yes',
    exitStatus: Number(exitStatus),
  }),
);

const tables = [sharedKinds, initKinds, taskKinds];

test('docs/orchestrator/failures-and-messages.md has every kind of failure, with its consequences', () => {
  const kinds = tables.flatMap((table) => Object.values<FailureKind>(table));
  const byCode = (a: FailureKind, b: FailureKind) => a.code.localeCompare(b.code);
  expect(documented.toSorted(byCode)).toEqual(kinds.toSorted(byCode));
});

test('the orchestrator has no other tables of kinds than these', () => {
  const sources = globSync(['cmd/orchestrator/**/*.ts', '{init,task,clients,internal}/**/*.ts'], {
    cwd: repository,
    exclude: (file) => /\.test\.ts$|internal\/(dev|packer)/.test(file),
  });
  const defining = sources.filter((file) =>
    readFileSync(join(repository, file), 'utf8').includes('= failureKinds({'),
  );
  expect(defining).toHaveLength(tables.length);
});
