'use strict';
/*
 * Puts a code cache beside every script in a folder: node code-cache.cjs FOLDER RARELY-USED…, by the Node
 * that will use the caches. A cache has all functions of its script. For rarely used scripts it only has the
 * top-level functions. No function runs here. V8 numbers scripts and functions in the order in which a
 * process makes them, and writes the numbers into the cache. Nothing here waits for an event, so the same
 * scripts give the same bytes (docs/decisions/start-up-time.md).
 */
const { readdirSync, readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { setFlagsFromString } = require('node:v8');
const { Script } = require('node:vm');

const [folder, ...rarelyUsed] = process.argv.slice(2);
for (const filename of readdirSync(folder).sort()) {
  const path = join(folder, filename);
  const source = readFileSync(path, 'latin1');
  const script = rarelyUsed.includes(filename)
    ? new Script(source, { filename })
    : compileAll(source, filename);
  writeFileSync(`${path}.cache`, script.createCachedData());
}

/**
 * Compiles functions that are not called yet, too. V8 refuses a cache that was made with other flags than its
 * own, so the flags are reset.
 */
function compileAll(source, filename) {
  setFlagsFromString('--no-lazy');
  const script = new Script(source, { filename });
  setFlagsFromString('--lazy');
  return script;
}
