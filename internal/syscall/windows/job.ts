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

/** JOBOBJECT_BASIC_PROCESS_ID_LIST: the number of processes, the number of listed ones, then their pids. */
const listHeadBytes = 8;
const pidBytes = 8;
/** More processes than a job usually has. If this is too small, the list is read again. */
const firstCapacity = 256;

/** The exit status of a killed process. */
const killedStatus = 1;

/**
 * A job object with this process and all of its later descendants. Children start in the jobs of their
 * parent, and no process can leave this job. No other process has a handle to it. So Windows ends the
 * remaining processes as soon as this process is gone, for whatever reason
 * (JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE).
 *
 * Node cannot start children suspended. If they were put into a job after their start, they could start
 * processes outside of it before that. Node's own job does not help, because grandchildren can leave it. They
 * cannot leave this job, because it is the outer one (see "Nested Jobs" in the Win32 reference).
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
    if (this.#handle === 0n) throw new WindowsError('CreateJobObject', kernel32.GetLastError());
    this.#setLimits(JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE, 0);
    if (kernel32.AssignProcessToJobObject(this.#handle, kernel32.GetCurrentProcess()) === 0)
      throw new WindowsError('AssignProcessToJobObject', kernel32.GetLastError());
  }

  /** Lets Windows end every new process of the job at its start. @throws WindowsError */
  refuseProcesses(): void {
    this.#setLimits(JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | JOB_OBJECT_LIMIT_ACTIVE_PROCESS, 1);
  }

  /** The pids of all processes in the job except this one. @throws WindowsError */
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

  /**
   * Ends a process if it is in the job. The process is gone some time later, or stays if ending it is not
   * permitted.
   */
  kill(pid: number): void {
    const kernel32 = this.#kernel32;
    const process = kernel32.OpenProcess(PROCESS_TERMINATE | PROCESS_QUERY_INFORMATION, 0, pid);
    if (process === 0n) return;
    try {
      // Since the list was read, another process may have got the pid.
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
    if (result === 0) throw new WindowsError('SetInformationJobObject', this.#kernel32.GetLastError());
  }
}

function readPids(list: Buffer, count: number): number[] {
  return Array.from({ length: count }, (_, index) =>
    Number(list.readBigUInt64LE(listHeadBytes + pidBytes * index)),
  );
}
