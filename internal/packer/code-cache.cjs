'use strict';
/*
 * Puts a code cache beside every script in a folder: node code-cache.cjs FOLDER RARELY-USED…, by the Node that will use
 * the caches. A cache has all functions of its script, for the rarely used ones only those at its top, and none of them
 * runs here. V8 numbers scripts and functions in the order in which a process makes them, and writes the numbers into the
 * cache: the same scripts give the same bytes because nothing here waits for an event (docs/decisions/start-up-time.md).
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

/** With functions that are not called yet. V8 refuses a cache made with other flags than its own: they are set back. */
function compileAll(source, filename) {
  setFlagsFromString('--no-lazy');
  const script = new Script(source, { filename });
  setFlagsFromString('--lazy');
  return script;
}
