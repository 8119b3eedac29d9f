'use strict';
/*
 * What Node runs first. The program's scripts and the code that V8 compiled for them are assets: the cache that Node
 * itself keeps for a single executable holds top-level functions only, as it is made without running them
 * (docs/decisions/start-up-time.md). A script holds modules: functions by the names that others require them by.
 */
const { getRawAsset } = require('node:sea');
const { Script } = require('node:vm');

const modules = readScript('main.cjs');
const loaded = new Map();
load('./main.cjs');

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
    // Only slower, and nobody listens.
  }
}
