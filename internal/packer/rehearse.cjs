'use strict';
/*
 * Makes the code caches of the program's scripts by running them: V8 puts every function into a cache that has been
 * compiled until then. node rehearse.cjs SCRIPTS LAUNCHER BINARIES, by the Node that will use the caches. The task is
 * one that ends well at once, and BINARIES has two files for init to copy. Only how children start and how the process ends are not the program's own: there is no launcher
 * around this Node yet.
 */
const ffi = require('node:ffi');
const { mkdtempSync, readdirSync, readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const vm = require('node:vm');

const [folder, launcher, binaries] = process.argv.splice(2);

/** qemu-user(1) knows few of prctl's operations, and nothing here depends on one. */
const [prctl, exitGroup] = process.arch === 'arm64' ? [167n, 94n] : [157n, 231n];

/** What the program is started with, one after the other. */
const stages = [['--version'], ['init', binaries, mkdtempSync(join(binaries, 'copies-'))], ['run-task']];
const scripts = new Map();

/** The same for all stages, so that its cache has what each of them made V8 compile. */
function scriptFor(filename) {
  const script =
    scripts.get(filename) ?? new vm.Script(readFileSync(join(folder, filename), 'latin1'), { filename });
  scripts.set(filename, script);
  return script;
}

const rehearsed = {
  'node:ffi': { ...ffi, dlopen },
  'node:sea': { getRawAsset: () => '' },
  'node:vm': {
    Script: function Script(_source, { filename }) {
      return scriptFor(filename);
    },
  },
};

const startScript = vm.compileFunction(readFileSync(join(__dirname, 'start.cjs'), 'utf8'), ['require']);

function start() {
  process.argv.splice(2, Infinity, ...stages.shift());
  startScript((name) => rehearsed[name] ?? require(name));
}

/** In place of exit_group(2): returns to a program that takes that for impossible, and throws. */
function finish(status) {
  if (status === 0 && stages.length > 0) process.once('unhandledRejection', start);
  else end(status);
}

function end(status) {
  for (const filename of status === 0 ? readdirSync(folder) : [])
    writeFileSync(join(folder, `${filename}.cache`), scriptFor(filename).createCachedData());
  process.reallyExit(status);
}

function dlopen(path) {
  const { lib } = ffi.dlopen(path);
  const find = lib.getFunction.bind(lib);
  const functions = {
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
  lib.getFunction = (name, signature) => functions[name]?.(signature) ?? find(name, signature);
  return { lib };
}

// With another status an error is about to be printed.
process.once('exit', (status) => {
  if (status === 0) end(status);
});
process.env.CIRCLECI_GOAT_HEALTH_CHECK_ADDR = ':0';
process.env.CIRCLECI_GOAT_CONFIG = JSON.stringify({ token: 'rehearsal', task_agent_path: 'true' });
start();
