import { randomBytes } from 'node:crypto';

// Go's names for platforms that Node names differently: consumers of the header know Go's.
const operatingSystems: Readonly<Record<string, string>> = { win32: 'windows', sunos: 'solaris' };
const architectures: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386', ppc64: 'ppc64le' };

/**
 * The User-Agent of every request. Host names that the container runner gave (`ccita-…`) are passed on, as its logs are
 * searched by them. Any other host name stays private: random digits take its place.
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
