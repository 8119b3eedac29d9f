import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../../packer/repository.ts';
import { scratchFolder } from '../testing/scratch-folder.ts';

/** Checks a source by the repository's rules of lint. */
export function lintExample(source: string): { status: number | null; output: string } {
  const folder = scratchFolder();
  writeFileSync(join(folder, 'example.ts'), source);
  const biome = join(repository, 'node_modules', '.bin', 'biome');
  const parameters = ['lint', `--config-path=${join(repository, 'biome.json')}`, '--vcs-enabled=false', '.'];
  const { status, stdout, stderr } = spawnSync(biome, parameters, { cwd: folder, encoding: 'utf8' });
  return { status, output: stdout + stderr };
}
