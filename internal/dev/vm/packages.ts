import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../run-command.ts';

/** The keys that come with every Debian. */
const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** The packages of a release of Debian, from where this machine gets its own. Nothing is installed. */
export class Packages {
  readonly #archives: string;
  readonly #options: readonly string[];
  readonly #signal: AbortSignal;

  private constructor(folder: string, signal: AbortSignal) {
    const settings = {
      'Dir::Etc::sourcelist': join(folder, 'sources.list'),
      'Dir::Etc::sourceparts': '/dev/null',
      'Dir::State': folder,
      // Nothing is installed there, so a package is downloaded with all that it needs.
      'Dir::State::status': join(folder, 'status'),
      'Dir::Cache': folder,
      'APT::Sandbox::User': 'root',
    };
    this.#archives = join(folder, 'archives');
    this.#options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
    this.#signal = signal;
  }

  /**
   * Gets their lists.
   *
   * @param folder for what apt writes
   * @throws Error with apt's own messages
   */
  static async open(folder: string, release: string, signal: AbortSignal): Promise<Packages> {
    const packages = new Packages(folder, signal);
    await mkdir(join(folder, 'lists', 'partial'), { recursive: true });
    await mkdir(join(folder, 'archives', 'partial'), { recursive: true });
    await writeFile(join(folder, 'status'), '');
    await writeFile(join(folder, 'sources.list'), await listSources(release, signal));
    await packages.#apt('apt-get', '-qq', 'update');
    return packages;
  }

  /** Unpacks packages with all that they need. */
  async unpack(names: readonly string[], folder: string): Promise<void> {
    const options = ['-qq', '-y', '--no-install-recommends', '--download-only'];
    await this.#apt('apt-get', ...options, 'install', ...names);
    for (const file of await readdir(this.#archives)) {
      if (file.endsWith('.deb')) await this.#unpackFile(join(this.#archives, file), folder);
    }
  }

  /** Unpacks the package that `name` stands for, such as the newest kernel, and nothing else. */
  async unpackAlone(name: string, folder: string): Promise<void> {
    const dependencies = await this.#apt('apt-cache', 'depends', name);
    const [, real = name] = /^ *Depends: (\S+)$/m.exec(dependencies) ?? [];
    const download = join(this.#archives, 'partial', name);
    await mkdir(download);
    const command = ['apt-get', ...this.#options, '-qq', 'download', real];
    await runCommand(command, { cwd: download, signal: this.#signal });
    const [file = ''] = await readdir(download);
    await this.#unpackFile(join(download, file), folder);
  }

  async #unpackFile(file: string, folder: string): Promise<void> {
    await runCommand(['dpkg-deb', '--extract', file, folder], { signal: this.#signal });
  }

  #apt(program: string, ...parameters: readonly string[]): Promise<string> {
    return runCommand([program, ...this.#options, ...parameters], { signal: this.#signal });
  }
}

/** This machine's sources of Debian's own packages, for another release. @throws Error where there are none */
async function listSources(release: string, signal: AbortSignal): Promise<string> {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const [, ours] = /^ID=debian$/m.test(text) ? (/^VERSION_CODENAME=(\w+)$/m.exec(text) ?? []) : [];
  const format = ['--format', '$(REPO_URI) $(RELEASE)', 'Created-By: Packages', 'Component: main'];
  const known =
    ours === undefined ? '' : await runCommand(['apt-get', 'indextargets', ...format], { signal });
  const sources = new Set(known.split('\n').filter((line) => line.split(' ')[1]?.startsWith(`${ours}`)));
  if (sources.size === 0)
    throw new Error('a virtual machine is made of Debian’s packages: this takes Debian and its apt');
  return [...sources]
    .map((source) => `deb [signed-by=${keyring}] ${source.replace(` ${ours}`, ` ${release}`)} main\n`)
    .join('');
}
