import { exportBuffer, getInt32 } from 'node:ffi';
import { type Kernel32, openKernel32, WindowsError } from './kernel32.ts';

const MEM_COMMIT_AND_RESERVE = 0x3000;
const PAGE_READWRITE = 0x4;
const PAGE_EXECUTE_READ = 0x20;
const pageBytes = 4096;

/**
 * Notices that Windows is ending this process's session or its container (CTRL_LOGOFF_EVENT,
 * CTRL_SHUTDOWN_EVENT), and keeps the process alive as long as Windows allows. libuv only knows Ctrl-C,
 * Ctrl-Break and closing the console.
 *
 * Windows calls the handler on a thread of its own, where JavaScript cannot run. So the handler is a few
 * bytes of machine code. It stores the event's number and never returns: once it returns, Windows ends the
 * process.
 *
 * @returns a function that says whether such an event has come. The caller has to call it repeatedly
 * @throws WindowsError
 */
export function watchShutdown(kernel32: Kernel32 = openKernel32()): () => boolean {
  const code = kernel32.VirtualAlloc(0n, BigInt(2 * pageBytes), MEM_COMMIT_AND_RESERVE, PAGE_READWRITE);
  if (code === 0n) throw new WindowsError('VirtualAlloc', kernel32.GetLastError());
  const event = code + BigInt(pageBytes);
  const handler = encodeHandler(event, kernel32.addressOfSleep);
  exportBuffer(handler, code, handler.length);
  const noLonger = Buffer.alloc(4);
  if (kernel32.VirtualProtect(code, BigInt(pageBytes), PAGE_EXECUTE_READ, noLonger) === 0)
    throw new WindowsError('VirtualProtect', kernel32.GetLastError());
  if (kernel32.SetConsoleCtrlHandler(code, 1) === 0)
    throw new WindowsError('SetConsoleCtrlHandler', kernel32.GetLastError());
  return () => getInt32(event) !== 0;
}

/** BOOL handler(DWORD event) for x64, in Windows' calling convention. */
export function encodeHandler(addressOfEvent: bigint, addressOfSleep: bigint): Buffer {
  return Buffer.concat([
    bytes('83 f9 05'), //             cmp  ecx, 5 (CTRL_LOGOFF_EVENT; 6 is CTRL_SHUTDOWN_EVENT)
    bytes('72 21'), //                jb   end
    bytes('48 b8'), //                mov  rax, addressOfEvent
    address(addressOfEvent),
    bytes('89 08'), //                mov  [rax], ecx
    bytes('48 83 ec 28'), //          sub  rsp, 40 (the callee's space, and alignment)
    bytes('48 b8'), //                mov  rax, addressOfSleep
    address(addressOfSleep),
    bytes('b9 ff ff ff ff'), //       mov  ecx, INFINITE
    bytes('ff d0'), //                call rax
    bytes('31 c0'), //           end: xor  eax, eax (FALSE: the next handler's turn)
    bytes('c3'), //                   ret
  ]);
}

function bytes(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(' ', ''), 'hex');
}

function address(value: bigint): Buffer {
  const encoded = Buffer.alloc(8);
  encoded.writeBigUInt64LE(value);
  return encoded;
}
