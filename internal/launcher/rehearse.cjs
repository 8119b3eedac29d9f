'use strict';
/*
 * Makes the code cache of a program by running it: V8 puts every function into it that has been compiled until then.
 * node rehearse.cjs PROGRAM LAUNCHER OUTPUT, by the Node that will use the cache. The task is one that ends well at
 * once. Only how children start and how the process ends are not the program's own: there is no launcher around this
 * Node yet.
 */
const ffi = require('node:ffi');
const { readFileSync, writeFileSync } = require('node:fs');
const { Script } = require('node:vm');

const [program, launcher, output] = process.argv.splice(2);
const script = new Script(readFileSync(program, 'latin1'), { filename: 'orchestrator.js' });

/** qemu-user(1) knows few of prctl's operations, and nothing here depends on one. */
const [prctl, exitGroup] = process.arch === 'arm64' ? [167n, 94n] : [157n, 231n];

/** What the program is started with, one after the other. */
const stages = [['--version'], ['run-task']];

function start() {
  process.argv.splice(2, Infinity, ...stages.shift());
  script.runInThisContext()((name) => (name === 'node:ffi' ? { ...ffi, dlopen } : require(name)));
}

/** In place of exit_group(2): returns to a program that takes that for impossible, and throws. */
function finish(status) {
  if (status === 0 && stages.length > 0) process.once('unhandledRejection', start);
  else end(status);
}

function end(status) {
  if (status === 0) writeFileSync(output, script.createCachedData());
  process.reallyExit(status);
}

function dlopen(path) {
  const { lib } = ffi.dlopen(path);
  const find = lib.getFunction.bind(lib);
  const rehearsed = {
    posix_spawn: (signature) => {
      const spawn = find('posix_spawn', signature);
      return (pid, _path, ...others) => spawn(pid, Buffer.from(`${launcher}\0`), ...others);
    },
    syscall: (signature) => {
      const call = find('syscall', signature);
      return (number, ...parameters) => {
        if (number === exitGroup) return finish(Number(parameters[0]));
        return number === prctl ? 0n : call(number, ...parameters);
      };
    },
  };
  lib.getFunction = (name, signature) => rehearsed[name]?.(signature) ?? find(name, signature);
  return { lib };
}

process.once('exit', end);
process.env.CIRCLECI_GOAT_HEALTH_CHECK_ADDR = ':0';
process.env.CIRCLECI_GOAT_CONFIG = JSON.stringify({ token: 'rehearsal', task_agent_path: 'true' });
start();
