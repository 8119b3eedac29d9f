import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { repository } from '../../packer/repository.ts';
import { failureReasons } from './fixtures/failure-reasons.ts';

const file = 'docs/container-runner/troubleshooting.md';
const page = readFileSync(path.join(repository, file), 'utf8');

test(`${file} has a row for each reason of a failure, and whether its task is handed back`, () => {
  const rows = [...page.matchAll(/^\| `([\w-]+)` \| (yes|not begun|unsafe|passing|no) \|[^|]+\|[^|]*\|$/gm)];
  expect(Object.fromEntries(rows.map(([, reason, handedBack]) => [reason, handedBack]))).toEqual(
    failureReasons,
  );
});
