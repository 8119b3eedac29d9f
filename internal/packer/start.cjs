'use strict';
/*
 * Node runs this first. The program's scripts and their code caches are assets. Node's own cache for a single
 * executable only has top-level functions, because it is made without running the scripts
 * (docs/decisions/start-up-time.md). A script has modules: functions by the names with which others require
 * them.
 */
const { getRawAsset } = require('node:sea');
const { Script } = require('node:vm');

const loaded = new Map();
let modules;
try {
  modules = readScript('main.cjs');
  load('./main.cjs');
} catch (error) {
  // Node would print the script, which is one long line.
  tell(error.message);
  process.exit(1);
}

function load(name) {
  if (!name.startsWith('./')) return require(name);
  const before = loaded.get(name);
  if (before !== undefined) return before.exports;
  const module = { exports: {} };
  loaded.set(name, module);
  modules[name] ??= readScript(name.slice('./'.length))[name];
  modules[name](load, module, module.exports);
  return module.exports;
}

function readScript(filename) {
  const script = new Script(Buffer.from(getRawAsset(filename)).latin1Slice(), {
    filename,
    cachedData: Buffer.from(getRawAsset(`${filename}.cache`)),
  });
  if (script.cachedDataRejected)
    tell('V8 refused the code cache of this executable: starting takes 10 ms more');
  return script.runInThisContext();
}

function tell(message) {
  try {
    require('node:fs').writeSync(2, `${PROGRAM_NAME}: ${message}\n`);
  } catch {
    // Without the cache, the start is only slower, and stderr has no reader.
  }
}
