import { getRawPointer } from 'node:ffi';
import type { Kernel32 } from './kernel32.ts';

const jobHandle = 0xbeefn;
const currentProcess = 0xffff_ffff_ffff_ffffn;
export const addressOfSleep = 0x7ff8_1234_5678n;
const accessDenied = 5;
const firstProcessHandle = 0x1_0000n;

/** A kernel32.dll that records the calls, and has a list of the processes in the job. */
export class RecordedKernel32 implements Kernel32 {
  readonly calls: string[] = [];
  /** The pids in the job. A test adds and removes them. */
  readonly members = new Set<number>([process.pid]);
  /** The pids among them that may not be opened. */
  readonly untouchable = new Set<number>();
  /** Calls that fail, by name. */
  readonly failing = new Set<string>();
  /** Called when a process has been ended. By default, the process leaves the job. */
  onTerminated = (pid: number): void => void this.members.delete(pid);
  readonly memory: Buffer = Buffer.alloc(8192);
  readonly addressOfSleep = addressOfSleep;

  AssignProcessToJobObject(job: bigint, process: bigint): number {
    return this.#record('AssignProcessToJobObject', `${job === jobHandle} ${process === currentProcess}`);
  }
  CloseHandle(handle: bigint): number {
    return this.#record('CloseHandle', String(handle - firstProcessHandle));
  }
  CreateJobObjectW(attributes: bigint, name: bigint): bigint {
    return this.#record('CreateJobObjectW', `${attributes} ${name}`) === 0 ? 0n : jobHandle;
  }
  GetCurrentProcess(): bigint {
    return currentProcess;
  }
  GetLastError(): number {
    return accessDenied;
  }
  IsProcessInJob(process: bigint, job: bigint, result: Buffer): number {
    const pid = Number(process - firstProcessHandle);
    result.writeInt32LE(job === jobHandle && this.members.has(pid) ? 1 : 0);
    return this.#record('IsProcessInJob', String(pid));
  }
  OpenProcess(access: number, inheritHandle: number, pid: number): bigint {
    this.#record('OpenProcess', `0x${access.toString(16)} ${inheritHandle} ${pid}`);
    return this.untouchable.has(pid) ? 0n : firstProcessHandle + BigInt(pid);
  }
  QueryInformationJobObject(_job: bigint, kind: number, list: Buffer, length: number, back: bigint): number {
    const capacity = (length - 8) / 8;
    const listed = [...this.members].slice(0, capacity);
    list.writeUInt32LE(this.members.size, 0);
    list.writeUInt32LE(listed.length, 4);
    for (const [index, pid] of listed.entries()) {
      list.writeBigUInt64LE(BigInt(pid), 8 + 8 * index);
    }
    const result = this.#record('QueryInformationJobObject', `${kind} ${capacity} ${back}`);
    return listed.length < this.members.size ? 0 : result;
  }
  SetConsoleCtrlHandler(handler: bigint, add: number): number {
    return this.#record('SetConsoleCtrlHandler', `+${handler - BigInt(getRawPointer(this.memory))} ${add}`);
  }
  SetInformationJobObject(_job: bigint, kind: number, limits: Buffer, length: number): number {
    const flags = limits.readUInt32LE(16).toString(16);
    return this.#record(
      'SetInformationJobObject',
      `${kind} flags=0x${flags} processes=${limits.readUInt32LE(40)} bytes=${length}`,
    );
  }
  TerminateProcess(handle: bigint, exitCode: number): number {
    if (handle === currentProcess) return this.#record('TerminateProcess', `self ${exitCode}`);
    const pid = Number(handle - firstProcessHandle);
    const result = this.#record('TerminateProcess', `${pid} ${exitCode}`);
    this.onTerminated(pid);
    return result;
  }
  VirtualAlloc(address: bigint, size: bigint, type: number, protection: number): bigint {
    const done = this.#record(
      'VirtualAlloc',
      `${address} ${size} 0x${type.toString(16)} 0x${protection.toString(16)}`,
    );
    return done === 0 ? 0n : getRawPointer(this.memory);
  }
  VirtualProtect(address: bigint, size: bigint, protection: number, old: Buffer): number {
    old.writeUInt32LE(4);
    const offset = address - BigInt(getRawPointer(this.memory));
    return this.#record('VirtualProtect', `+${offset} ${size} 0x${protection.toString(16)}`);
  }

  #record(name: string, parameters: string): number {
    this.calls.push(`${name} ${parameters}`);
    return this.failing.has(name) ? 0 : 1;
  }
}
