import { expect, test } from 'vitest';
import { isFinalPullError } from './pull-error.ts';

const containerd = (words: string) =>
  `Failed to pull image "reg.example/a:1": rpc error: code = Unknown desc = failed to pull and unpack image "reg.example/a:1": ${words}`;
const docker = (words: string) =>
  `Failed to pull image "a:1": rpc error: code = Unknown desc = Error response from daemon: ${words}`;

test.each<[string, string]>([
  [
    'containerd does not find a tag',
    containerd('failed to resolve reference "reg.example/a:1": reg.example/a:1: not found'),
  ],
  [
    'containerd does not find a repository',
    containerd(
      'failed to resolve reference "reg.example/a:1": pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
    ),
  ],
  [
    'containerd may not ask for a token',
    containerd(
      'failed to resolve reference "reg.example/a:1": failed to authorize: failed to fetch oauth token: unexpected status from GET request to https://reg.example/token: 401 Unauthorized',
    ),
  ],
  [
    'containerd may not read',
    containerd(
      'failed to resolve reference "reg.example/a:1": unexpected status from HEAD request to https://reg.example/v2/a/manifests/1: 403 Forbidden',
    ),
  ],
  ['containerd finds no such platform', containerd('no match for platform in manifest: not found')],
  ['Docker does not find a tag', docker('manifest for a:1 not found: manifest unknown: manifest unknown')],
  [
    'Docker does not find a repository',
    docker("pull access denied for a, repository does not exist or may require 'docker login'"),
  ],
  [
    'Docker has no credentials',
    docker('Head "https://reg.example/v2/a/manifests/1": no basic auth credentials'),
  ],
  [
    'Docker finds no such platform',
    docker('no matching manifest for linux/arm64/v8 in the manifest list entries'),
  ],
  ['CRI-O does not find a tag', 'reading manifest 1 in reg.example/a: manifest unknown'],
  ['CRI-O may not read', 'reading manifest 1 in reg.example/a: requested access to the resource is denied'],
  [
    'CRI-O finds no such platform',
    'choosing image instance: no image found in manifest list for architecture "arm64", variant "v8", OS "linux"',
  ],
  [
    'CRI-O does not know where to look',
    'short-name "a:1" did not resolve to an alias and no unqualified-search registries are defined',
  ],
  ['a signature is wrong', 'image pull failed for a:1 because the signature validation failed'],
])('no further try helps when %s', (_case, words) => {
  expect(isFinalPullError(words)).toBe(true);
});

test.each<[string, string]>([
  [
    'a registry is down',
    containerd(
      'failed to do request: Head "https://reg.example/v2/a/manifests/1": dial tcp: connect: connection refused',
    ),
  ],
  [
    'a name is not resolved',
    containerd(
      'failed to do request: Head "https://reg.example/": dial tcp: lookup reg.example: no such host',
    ),
  ],
  [
    'a registry throttles',
    docker('toomanyrequests: You have reached your unauthenticated pull rate limit: access denied'),
  ],
  [
    'a registry fails',
    containerd('unexpected status code https://reg.example/v2/a: 503 Service Unavailable'),
  ],
  [
    'something before a registry sends a web page',
    containerd(
      'failed to unpack image on snapshotter overlayfs: unexpected media type text/html for sha256:6066: not found',
    ),
  ],
  [
    'the node has lost a part of an image',
    containerd(
      'failed to extract layer sha256:4dca: failed to get reader from content store: content digest sha256:51f5: not found',
    ),
  ],
  [
    'the node has lost a layer of an image',
    containerd(
      'failed to prepare extraction snapshot "extract-5493 sha256:1b4e": parent snapshot sha256:8ea3 does not exist: not found',
    ),
  ],
  ['a pull takes too long', 'context deadline exceeded'],
  ['a certificate is unknown', containerd('tls: failed to verify certificate: x509: unknown authority')],
  ['the kubelet waits', 'Back-off pulling image "reg.example/access-denied:1"'],
  ['an image has a name like an error', 'Failed to pull image "reg.example/forbidden:1": connection refused'],
])('a further try may help when %s', (_case, words) => {
  expect(isFinalPullError(words)).toBe(false);
});

test('very long words are searched in time', () => {
  expect(isFinalPullError('status '.repeat(1 << 20))).toBe(false);
});
