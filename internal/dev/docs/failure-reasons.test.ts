import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { TaskFailure } from '../../../runner/life/task-failure.ts';
import { repository } from '../../packer/repository.ts';

const file = 'docs/container-runner/troubleshooting.md';
const page = readFileSync(join(repository, file), 'utf8');

/** The type requires every new reason here, and the test requires it on the page. */
const reasons: Readonly<
  Record<TaskFailure['reason'], 'yes' | 'not begun' | 'unsafe' | 'passing' | 'by container' | 'no'>
> = {
  configuration: 'no',
  defect: 'no',
  drain: 'yes',
  'not-created': 'passing',
  unschedulable: 'yes',
  'image-invalid': 'by container',
  'image-refused': 'by container',
  'image-pull-timeout': 'not begun',
  'container-failed': 'by container',
  'start-timeout': 'not begun',
  'init-failed': 'yes',
  'primary-not-started': 'no',
  'primary-failed': 'unsafe',
  'out-of-memory': 'unsafe',
  liveness: 'unsafe',
  disrupted: 'not begun',
  deadline: 'not begun',
  'pod-failed': 'not begun',
  'pod-deleted': 'not begun',
  'node-lost': 'not begun',
};

test(`${file} has a row for each reason of a failure, and whether its task is handed back`, () => {
  const rows = [
    ...page.matchAll(/^\| `([\w-]+)` \| (yes|not begun|unsafe|passing|by container|no) \|[^|]+\|[^|]*\|$/gm),
  ];
  expect(Object.fromEntries(rows.map(([, reason, handedBack]) => [reason, handedBack]))).toEqual(reasons);
});
