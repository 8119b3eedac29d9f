/** Part of Node's repository, but not of the node executable: a tool to build or test it, or a program beside it. */
const notPacked = 'not packed';

/** The sections of Node's LICENSE file, and the licence of each. */
const sections: Readonly<Record<string, string>> = {
  Acorn: 'MIT',
  'c-ares': 'MIT',
  merve: 'MIT',
  ittapi: 'BSD-3-Clause',
  amaro: 'MIT',
  swc: 'Apache-2.0',
  ICU: 'Unicode-3.0',
  libuv: 'MIT',
  LIEF: 'Apache-2.0',
  llhttp: 'MIT',
  corepack: notPacked,
  undici: 'MIT',
  postject: notPacked,
  OpenSSL: 'Apache-2.0',
  'Punycode.js': 'MIT',
  V8: 'BSD-3-Clause',
  SipHash: 'LicenseRef-public-domain',
  zlib: 'Zlib',
  simdjson: 'Apache-2.0',
  simdutf: 'MIT',
  ada: 'MIT',
  minimatch: 'BlueOak-1.0.0',
  npm: notPacked,
  GYP: notPacked,
  inspector_protocol: 'BSD-3-Clause',
  jinja2: notPacked,
  markupsafe: notPacked,
  'cpplint.py': notPacked,
  'gypi_to_gn.py': notPacked,
  gtest: notPacked,
  nghttp2: 'MIT',
  caja: 'Apache-2.0',
  brotli: 'MIT',
  zstd: 'BSD-3-Clause',
  HdrHistogram: 'BSD-2-Clause',
  'node-heapdump': 'ISC',
  rimraf: 'ISC',
  uvwasi: 'MIT',
  ngtcp2: 'MIT',
  nghttp3: 'MIT',
  'node-fs-extra': 'MIT',
  'on-exit-leak-free': 'MIT',
  'sonic-boom': 'MIT',
};

export interface Notice {
  readonly name: string;
  readonly license: string;
}

/**
 * The parts of the node executable that have a notice in Node's LICENSE file.
 *
 * @param text that file
 * @throws Error that names a part without an entry in the table above, or if the file has no parts
 */
export function readNodeNotices(text: string): Notice[] {
  const names = [...text.matchAll(/^- (.+), located at .+, is licensed as follows:$/gm)].map(
    ([, name = '']) => name,
  );
  if (names.length === 0) throw new Error("Node's LICENSE lists no parts: its form has changed");
  return names.flatMap((name) => {
    const license = sections[name];
    if (!license)
      throw new Error(
        `Node's LICENSE has a new part, ${name}: add its licence to internal/dev/release/node-notices.ts`,
      );
    return license === notPacked ? [] : [{ name, license }];
  });
}

/**
 * Node's LICENSE file without the notices of parts that are not in the node executable, such as npm and
 * tools.
 */
export function omitUnpackedNotices(text: string): string {
  const notices = text.split(/^(?=- .+, located at .+, is licensed as follows:$)/m);
  return notices
    .filter((notice) => sections[/^- (.+), located at /.exec(notice)?.[1] ?? ''] !== notPacked)
    .join('');
}
