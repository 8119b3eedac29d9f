import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { repository } from '../../packer/repository.ts';
import { imageRepository, serverVersionsToUse, taskAgentToUse } from '../variables.ts';
import { parseServerVersions } from './parse-server-versions.ts';

/*
 * For ./do images-for-server: prints `SERVER TASK-AGENT`, one line per version of CircleCI server, or with --dry-run
 * the images that would be built. Ends with status 1 if the table is not complete.
 */
const { dryRun } = new Command('images-for-server').option('--dry-run').parse().opts<{ dryRun?: true }>();
const table = join(repository, '.goreleaser', 'server-versions.json');
const { pinned, missing } = parseServerVersions(await readFile(serverVersionsToUse ?? table, 'utf8'));
for (const [server, agent] of pinned) {
  const tag = (name: string) => `${imageRepository}:${name}-server-${server}`;
  console.log(
    dryRun
      ? `server ${server}: would build ${tag('agent-amd64')} and ${tag('agent-arm64')}, and ${tag('agent')} for both, with /opt/circleci/linux/<arch>/circleci-agent of ${taskAgentToUse ?? `circleci/picard:${agent}`}`
      : `${server} ${agent}`,
  );
}
if (missing.length > 0) {
  console.error(
    `server ${missing.join(', ')}: the task agent is not known. ./do pin-server-versions writes it into .goreleaser/server-versions.json, from a clone of the repository of CircleCI server`,
  );
  process.exitCode = 1;
}
