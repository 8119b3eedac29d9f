import { copyFile, mkdir, mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { buildImage, type MachineImage } from '../../vm/build-image.ts';
import { makeDisk } from '../../vm/make-disk.ts';
import { buildFakeAgent } from '../build-fake-agent.ts';
import { executable } from '../executable.ts';

/** The things that all virtual machines of a run share. */
export interface VmTests {
  readonly image: MachineImage;
  /** A disk with both programs in its folder `bin`. */
  readonly volume: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    vm: VmTests;
  }
}

/** For a download that hangs. */
const setupLimitMs = 1_200_000;
const volumeMebibytes = 192;

/** Called by vitest before the first of these tests. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const signal = AbortSignal.timeout(setupLimitMs);
  const image = await buildImage((what) => console.error(`test-vm: ${what}`), signal);
  const folder = await mkdtempDisposable(join(tmpdir(), 'vm-'));
  try {
    const bin = join(folder.path, 'tree', 'bin');
    await mkdir(bin, { recursive: true });
    await copyFile(executable, join(bin, 'orchestrator'));
    await copyFile(await buildFakeAgent(), join(bin, 'circleci-agent'));
    const volume = join(folder.path, 'volume.ext4');
    await makeDisk(join(folder.path, 'tree'), volume, volumeMebibytes, signal);
    project.provide('vm', { image, volume });
  } catch (error) {
    await folder.remove();
    throw error;
  }
  return () => folder.remove();
}
