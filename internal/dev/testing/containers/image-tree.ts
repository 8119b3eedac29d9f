import { spawn } from 'node:child_process';
import {
  chmod,
  copyFile,
  type DisposableTempDir,
  mkdir,
  mkdtempDisposable,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { docker } from './docker.ts';

/** The files of an image that is being put together, in a temporary folder. */
export class ImageTree implements AsyncDisposable {
  readonly #folder: DisposableTempDir;

  private constructor(folder: DisposableTempDir) {
    this.#folder = folder;
  }

  static async create(): Promise<ImageTree> {
    const folder = await mkdtempDisposable(join(tmpdir(), 'image-tree-'));
    await chmod(folder.path, 0o755);
    return new ImageTree(folder);
  }

  async write(path: string, content: string | Buffer, mode = 0o644): Promise<void> {
    await writeFile(await this.#place(path), content, { mode });
  }

  async copy(from: string, path: string): Promise<void> {
    await copyFile(from, await this.#place(path));
  }

  async link(path: string, target: string): Promise<void> {
    await symlink(target, await this.#place(path));
  }

  /** Makes an image of it. `changes` are instructions as in a Dockerfile. */
  async importAs(image: string, changes: readonly string[] = []): Promise<void> {
    const tar = spawn('tar', ['-C', this.#folder.path, '--owner=0', '--group=0', '-c', '.'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await importTar(image, tar.stdout, changes);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folder.remove();
  }

  async #place(path: string): Promise<string> {
    const place = join(this.#folder.path, path);
    await mkdir(dirname(place), { recursive: true });
    return place;
  }
}

/** Makes an image of a tar stream. */
export async function importTar(
  image: string,
  tar: NodeJS.ReadableStream,
  changes: readonly string[] = [],
): Promise<void> {
  await docker(['import', ...changes.flatMap((change) => ['--change', change]), '-', image], tar);
}
