import { type Kernel32, openKernel32, WindowsError } from './kernel32.ts';

// winnt.h, as are the layouts below, for 64-bit Windows.
const JobObjectBasicProcessIdList = 3;
const JobObjectExtendedLimitInformation = 9;
const JOB_OBJECT_LIMIT_ACTIVE_PROCESS = 0x8;
const JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE = 0x2000;
const PROCESS_TERMINATE = 0x1;
const PROCESS_QUERY_INFORMATION = 0x400;

/** JOBOBJECT_EXTENDED_LIMIT_INFORMATION */
const limitBytes = 144;
const offsetOfLimitFlags = 16;
const offsetOfActiveProcessLimit = 40;

/** JOBOBJECT_BASIC_PROCESS_ID_LIST: how many there are, how many of them are listed, then their pids. */
const listHeadBytes = 8;
const pidBytes = 8;
/** More processes than a job is likely to have; the list is asked for again where it is not enough. */
const firstCapacity = 256;

/** What a killed process exits with. */
const killedStatus = 1;

/**
 * A job object with this process and, as children are born into the jobs of their parent and this one lets nobody
 * break away, all of its descendants from here on. Nobody else has a handle to it, so Windows ends whoever is left in
 * it as soon as this process is gone, however it ended (JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE).
 *
 * To put the children in after they were started would leave a gap, in which they could start processes outside of
 * it: Node cannot start them suspended. Node's own job does not help: it lets grandchildren break away, which ends
 * at this job, as it is further out (see "Nested Jobs" in the Win32 reference).
 */
export class Job {
  readonly #kernel32: Kernel32;
  readonly #handle: bigint;
  readonly #ownPid: number;

  /** @throws WindowsError */
  constructor(kernel32: Kernel32 = openKernel32(), ownPid: number = process.pid) {
    this.#kernel32 = kernel32;
    this.#ownPid = ownPid;
    this.#handle = kernel32.CreateJobObjectW(0n, 0n);
    if (this.#handle === 0n) {
      throw new WindowsError('CreateJobObject', kernel32.GetLastError());
    }
    this.#setLimits(JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE, 0);
    if (kernel32.AssignProcessToJobObject(this.#handle, kernel32.GetCurrentProcess()) === 0) {
      throw new WindowsError('AssignProcessToJobObject', kernel32.GetLastError());
    }
  }

  /** From here on every new process of the job is ended by Windows at its birth. @throws WindowsError */
  refuseProcesses(): void {
    this.#setLimits(JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | JOB_OBJECT_LIMIT_ACTIVE_PROCESS, 1);
  }

  /** The pids of all processes in the job but this one. @throws WindowsError */
  others(): number[] {
    for (let capacity = firstCapacity; ; ) {
      const list = Buffer.alloc(listHeadBytes + pidBytes * capacity);
      const result = this.#kernel32.QueryInformationJobObject(
        this.#handle,
        JobObjectBasicProcessIdList,
        list,
        list.length,
        0n,
      );
      const [assigned, listed] = [list.readUInt32LE(0), list.readUInt32LE(4)];
      if (assigned > capacity) {
        capacity = assigned * 2;
      } else if (result === 0) {
        throw new WindowsError('QueryInformationJobObject', this.#kernel32.GetLastError());
      } else {
        return readPids(list, listed).filter((pid) => pid !== this.#ownPid);
      }
    }
  }

  /** Ends a process if it is in the job. It is gone some time later, or never if that is not permitted. */
  kill(pid: number): void {
    const kernel32 = this.#kernel32;
    const process = kernel32.OpenProcess(PROCESS_TERMINATE | PROCESS_QUERY_INFORMATION, 0, pid);
    if (process === 0n) {
      return;
    }
    try {
      // Since the list was read, the pid may have become somebody else's.
      const isMember = Buffer.alloc(4);
      if (kernel32.IsProcessInJob(process, this.#handle, isMember) !== 0 && isMember.readInt32LE() !== 0) {
        kernel32.TerminateProcess(process, killedStatus);
      }
    } finally {
      kernel32.CloseHandle(process);
    }
  }

  #setLimits(flags: number, activeProcesses: number): void {
    const limits = Buffer.alloc(limitBytes);
    limits.writeUInt32LE(flags, offsetOfLimitFlags);
    limits.writeUInt32LE(activeProcesses, offsetOfActiveProcessLimit);
    const result = this.#kernel32.SetInformationJobObject(
      this.#handle,
      JobObjectExtendedLimitInformation,
      limits,
      limits.length,
    );
    if (result === 0) {
      throw new WindowsError('SetInformationJobObject', this.#kernel32.GetLastError());
    }
  }
}

function readPids(list: Buffer, count: number): number[] {
  return Array.from({ length: count }, (_, index) =>
    Number(list.readBigUInt64LE(listHeadBytes + pidBytes * index)),
  );
}
