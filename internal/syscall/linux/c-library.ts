import {
  type DynamicLibraryResult,
  dlopen,
  type FunctionDefinitions,
  getInt32,
  getRawPointer,
} from 'node:ffi';
import { SystemError } from '../system-error.ts';

/*
 * Functions for which Node has no API, over node:ffi. It is experimental, so only this folder uses it, and
 * Node is pinned. All functions are synchronous. All of them return at once, except posix_spawn, which waits
 * for the child's exec.
 */

const i32 = 'i32';
const u64 = 'u64';
const buffer = 'buffer';
const pointer = 'pointer';

export const { lib } = dlopen(null);

/**
 * Functions of the C library and of libuv, as their headers declare them. abi.test.ts compares the C
 * library's.
 */
export const signatures = {
  if_nametoindex: { arguments: [buffer], return: 'u32' },
  inet_ntop: { arguments: [i32, buffer, buffer, 'u32'], return: pointer },
  inet_pton: { arguments: [i32, buffer, buffer], return: i32 },
  malloc_trim: { arguments: [u64], return: i32 },
  posix_spawn: { arguments: [buffer, buffer, buffer, buffer, buffer, buffer], return: i32 },
  posix_spawn_file_actions_adddup2: { arguments: [buffer, i32, i32], return: i32 },
  posix_spawn_file_actions_destroy: { arguments: [buffer], return: i32 },
  splice: { arguments: [i32, pointer, i32, pointer, u64, 'u32'], return: 'i64' },
  syscall: { arguments: ['i64', u64, u64, u64, u64, u64], return: 'i64' },
  uv_handle_size: { arguments: [i32], return: u64 },
  uv_signal_init: { arguments: [pointer, pointer], return: i32 },
  uv_signal_start: { arguments: [pointer, pointer, i32], return: i32 },
  waitpid: { arguments: [i32, pointer, i32], return: i32 },
} as const satisfies FunctionDefinitions;

/** The functions that are more than a system call, and two that are called very often. */
export const libc = bindLazily(signatures);

/**
 * Read now, because errno may change while a function is bound. The address does not change during the life
 * of the thread.
 */
const errnoAddress = lib.getFunction('__errno_location', { arguments: [], return: pointer })();

/**
 * Binds each function at its first call, because binding takes time. The start needs only some of them, and
 * most of these late.
 */
function bindLazily<const T extends FunctionDefinitions>(definitions: T) {
  const functions = {};
  for (const [name, signature] of Object.entries(definitions)) {
    const bind = () => {
      const value = lib.getFunction(name, signature);
      Object.defineProperty(functions, name, { value });
      return value;
    };
    Object.defineProperty(functions, name, { configurable: true, get: bind });
  }
  return functions as DynamicLibraryResult<T>['functions'];
}

/** A text as a C string: UTF-8 with a closing zero. */
export function cString(text: string): Buffer {
  return Buffer.from(`${text}\0`);
}

/**
 * A NULL-terminated array of pointers to NUL-terminated strings. Keep references to both while C uses them.
 */
export function pointerArray(strings: readonly Buffer[]): { array: Buffer; strings: Buffer[] } {
  const terminated = strings.map((bytes) => Buffer.concat([bytes, Buffer.alloc(1)]));
  const array = Buffer.alloc(8 * (terminated.length + 1));
  terminated.forEach((bytes, index) => {
    array.writeBigUInt64LE(getRawPointer(bytes), 8 * index);
  });
  return { array, strings: terminated };
}

/** The errno of the call that this thread made last. */
export function errno(): number {
  return getInt32(errnoAddress);
}

/** For functions that return the errno itself. @throws SystemError */
export function checkResult(name: string, result: number): void {
  if (result !== 0) throw new SystemError(name, result);
}
