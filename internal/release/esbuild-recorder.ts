import { writeFile } from 'node:fs/promises';
import { type BuildOptions, type BuildResult, build as buildWithEsbuild } from 'esbuild';

/** As esbuild's own, and leaves the metafile in the file that BUNDLE_METAFILE names. */
export async function build(options: BuildOptions): Promise<BuildResult> {
  const result = await buildWithEsbuild({ ...options, metafile: true });
  await writeFile(process.env.BUNDLE_METAFILE ?? '', JSON.stringify(result.metafile));
  return result;
}
