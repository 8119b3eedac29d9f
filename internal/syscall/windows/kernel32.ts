import { dlopen } from 'node:ffi';

/*
 * Functions of kernel32.dll for which Node has no API, over node:ffi. It is experimental, so Node is pinned.
 * Microsoft's reference of the Win32 API describes each function by its name. Handles and addresses are
 * bigints, and 0 is NULL.
 */

/** The used functions of kernel32.dll. This is an interface, so a test can record the calls. */
export interface Kernel32 {
  AssignProcessToJobObject(job: bigint, process: bigint): number;
  CloseHandle(handle: bigint): number;
  CreateJobObjectW(attributes: bigint, name: bigint): bigint;
  GetCurrentProcess(): bigint;
  GetLastError(): number;
  IsProcessInJob(process: bigint, job: bigint, result: Buffer): number;
  OpenProcess(access: number, inheritHandle: number, pid: number): bigint;
  QueryInformationJobObject(
    job: bigint,
    informationClass: number,
    information: Buffer,
    length: number,
    returnLength: bigint,
  ): number;
  SetConsoleCtrlHandler(handler: bigint, add: number): number;
  SetInformationJobObject(job: bigint, informationClass: number, information: Buffer, length: number): number;
  TerminateProcess(process: bigint, exitCode: number): number;
  VirtualAlloc(address: bigint, size: bigint, allocationType: number, protection: number): bigint;
  VirtualProtect(address: bigint, size: bigint, protection: number, oldProtection: Buffer): number;
  /** The address of Sleep. */
  readonly addressOfSleep: bigint;
}

const i32 = 'i32';
const u32 = 'u32';
const u64 = 'u64';
const buffer = 'buffer';
const pointer = 'pointer';

let opened: Kernel32 | undefined;

/**
 * Opens kernel32.dll at the first call, and only once. Windows loads this name only from its own directory.
 */
export function openKernel32(): Kernel32 {
  if (opened === undefined) {
    const { functions } = dlopen('kernel32.dll', {
      AssignProcessToJobObject: { arguments: [pointer, pointer], return: i32 },
      CloseHandle: { arguments: [pointer], return: i32 },
      CreateJobObjectW: { arguments: [pointer, pointer], return: pointer },
      GetCurrentProcess: { arguments: [], return: pointer },
      GetLastError: { arguments: [], return: u32 },
      IsProcessInJob: { arguments: [pointer, pointer, buffer], return: i32 },
      OpenProcess: { arguments: [u32, i32, u32], return: pointer },
      QueryInformationJobObject: { arguments: [pointer, i32, buffer, u32, pointer], return: i32 },
      SetConsoleCtrlHandler: { arguments: [pointer, i32], return: i32 },
      SetInformationJobObject: { arguments: [pointer, i32, buffer, u32], return: i32 },
      Sleep: { arguments: [u32], return: 'void' },
      TerminateProcess: { arguments: [pointer, u32], return: i32 },
      VirtualAlloc: { arguments: [pointer, u64, u32, u32], return: pointer },
      VirtualProtect: { arguments: [pointer, u64, u32, buffer], return: i32 },
    });
    opened = { ...functions, addressOfSleep: functions.Sleep.pointer };
  }
  return opened;
}

/** A function of kernel32.dll that failed. `net helpmsg <code>` explains the code. */
export class WindowsError extends Error {
  override readonly name = 'WindowsError';
  readonly code: number;

  /**
   * @param code the result of GetLastError. It is only a hint, because Node may have made calls of its own in
   * between
   */
  constructor(call: string, code: number) {
    super(`${call} failed with Windows error ${code}`);
    this.code = code;
  }
}

/** Ends this process at once (TerminateProcess). */
export function endThisProcess(status: number, kernel32: Kernel32 = openKernel32()): never {
  kernel32.TerminateProcess(kernel32.GetCurrentProcess(), status);
  throw new Error('unreachable');
}
