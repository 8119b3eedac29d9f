import { randomBytes } from 'node:crypto';

// Go's names for platforms that have other names in Node. Readers of the header expect Go's names.
const operatingSystems: Readonly<Record<string, string>> = { win32: 'windows', sunos: 'solaris' };
const architectures: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386', ppc64: 'ppc64le' };

/**
 * The User-Agent of the orchestrator. It contains host names of the container runner (`ccita-…`), because its
 * logs are searched by them. Other host names stay private, and random digits replace them.
 *
 * @param identity platform and arch as in `process.platform` and `process.arch`.
 */
export function userAgent(identity: {
  readonly version: string;
  readonly platform: string;
  readonly arch: string;
  readonly hostname: string;
}): string {
  const os = operatingSystems[identity.platform] ?? identity.platform;
  const arch = architectures[identity.arch] ?? identity.arch;
  const known = /^ccita-[\w.-]*$/.test(identity.hostname);
  const correlation = known ? identity.hostname : randomBytes(8).toString('hex');
  return `CircleCI-GOAT/${identity.version} (${os}; ${arch}; ${correlation})`;
}
