'use strict';
/*
 * What Node runs first. The program and the code that V8 compiled for it are assets: the cache that Node itself keeps
 * for a single executable holds top-level functions only, as it is made without running them (docs/decisions/start-up-time.md).
 */
const { getRawAsset } = require('node:sea');
const { Script } = require('node:vm');

const script = new Script(Buffer.from(getRawAsset('program')).latin1Slice(), {
  filename: 'orchestrator.js',
  cachedData: Buffer.from(getRawAsset('code-cache')),
});
if (script.cachedDataRejected)
  tell('V8 refused the code cache of this executable: starting takes 10 ms more');
script.runInThisContext()(require);

function tell(message) {
  try {
    require('node:fs').writeSync(2, `orchestrator: ${message}\n`);
  } catch {
    // Only slower, and nobody listens.
  }
}
