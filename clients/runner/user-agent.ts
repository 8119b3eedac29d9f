import { randomBytes } from 'node:crypto';

// What Go calls the platforms that Node names otherwise: consumers of the header know Go's names.
const operatingSystems: Readonly<Record<string, string>> = { win32: 'windows', sunos: 'solaris' };
const architectures: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386', ppc64: 'ppc64le' };

/**
 * The User-Agent of every request. Host names that the container runner gave (`ccita-…`) are what its logs are
 * searched by, so they are passed on; any other host name is nobody's business and gives way to random digits.
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
