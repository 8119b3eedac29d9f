import { expect, test } from 'vitest';
import { userAgent } from './user-agent.ts';

const identity = { version: '1.2.3', platform: 'linux', arch: 'x64', hostname: 'ccita-abc-1' };

test.each([
  ['linux', 'x64', 'linux; amd64'],
  ['linux', 'arm64', 'linux; arm64'],
  ['win32', 'x64', 'windows; amd64'],
  ['darwin', 'arm64', 'darwin; arm64'],
])('%s on %s goes by the names that Go has for them', (platform, arch, expected) => {
  expect(userAgent({ ...identity, platform, arch })).toBe(`CircleCI-GOAT/1.2.3 (${expected}; ccita-abc-1)`);
});

test.each(['my-laptop', 'xccita-1', 'CCITA-1', '', 'ccita-\n', 'ccita-ä'])(
  'the host name %j is replaced by 8 random bytes in hex',
  (hostname) => {
    const [first, second] = [userAgent({ ...identity, hostname }), userAgent({ ...identity, hostname })];
    expect(first).toMatch(/^CircleCI-GOAT\/1\.2\.3 \(linux; amd64; [0-9a-f]{16}\)$/);
    expect(first).not.toBe(second);
  },
);
