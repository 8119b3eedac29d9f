import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { scratchFolder } from '../dev/testing/scratch-folder.ts';
import { repository } from '../packer/repository.ts';
import aliases from './pino-aliases.json' with { type: 'json' };

const entry = `
  import { FdWriter } from './internal/output/fd-writer.ts';
  import { createLogger, logWriterOptions } from './internal/log/logger.ts';
  for (const format of ['text', 'json']) {
    const log = createLogger({ format, writer: new FdWriter(1, logWriterOptions) });
    log.info('it works', { key: 'value' });
    log.flush(5000);
  }
`;

it('works as one CommonJS file, without the modules that only transports of pino need', async () => {
  const outfile = join(scratchFolder(), 'main.cjs');
  const { metafile } = await build({
    stdin: { contents: entry, resolveDir: repository },
    absWorkingDir: repository,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    alias: aliases,
    outfile,
    metafile: true,
    logLevel: 'error',
  });
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports.map(({ path }) => path));
  expect(imports.filter((path) => /worker_threads|assert|stream|net/.test(path))).toEqual([]);

  const lines = execFileSync(process.execPath, [outfile], { encoding: 'utf8' }).split('\n');
  expect(lines.filter((line) => / INFO it works key=value$/.test(line))).toHaveLength(1);
  expect(lines.filter((line) => /"key":"value","msg":"it works"}$/.test(line))).toHaveLength(1);
});
