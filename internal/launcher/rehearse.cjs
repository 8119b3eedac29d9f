'use strict';
/*
 * Makes the code cache of a program by running it: V8 puts every function into it that has been compiled until then.
 * node rehearse.cjs PROGRAM LAUNCHER OUTPUT, by the Node that will use the cache. The task is one that ends well at once. Only how children
 * start and how the process ends are not the program's own: there is no launcher around this Node yet.
 */
const ffi = require('node:ffi');
const { readFileSync, writeFileSync } = require('node:fs');
const { Script } = require('node:vm');

const [program, launcher, output] = process.argv.splice(2);
const script = new Script(readFileSync(program, 'latin1'), { filename: 'orchestrator.js' });

function finish(status) {
  if (status === 0) writeFileSync(output, script.createCachedData());
  process.reallyExit(status);
}

function dlopen(path, definitions) {
  const { functions, ...rest } = ffi.dlopen(path, definitions);
  const spawn = (pid, _path, ...others) =>
    functions.posix_spawn(pid, Buffer.from(`${launcher}\0`), ...others);
  // qemu-user(1) knows few of prctl's operations, and nothing here depends on one.
  const prctl = () => 0;
  return { ...rest, functions: { ...functions, _exit: finish, posix_spawn: spawn, prctl } };
}

process.once('exit', finish);
process.argv.push('run-task', '--health-check-addr=:0');
process.env.CIRCLECI_GOAT_CONFIG = JSON.stringify({ token: 'rehearsal', task_agent_path: 'true' });
script.runInThisContext()((name) => (name === 'node:ffi' ? { ...ffi, dlopen } : require(name)));
