import { closeSync, constants, openSync, readSync, statSync } from 'node:fs';
import { constants as systemConstants } from 'node:os';
import { execSteps } from '../../internal/launcher/exec-request.ts';
import { describeErrno, SystemError } from '../../internal/syscall/system-error.ts';
import type { ChildSpec } from './processes.ts';

const { EACCES, EAGAIN, E2BIG, ENOENT, ENOEXEC, ENOSYS, EPERM, ENOMEM, EMFILE } = systemConstants.errno;

const seccompHint = '; look at the seccomp profile of the container';

/** Says why `path` could not be started, from the launcher's report or from the system call that failed. */
export function describeStartFailure(path: string, spec: ChildSpec, failure: unknown): string {
  if (isLauncherReport(failure))
    return failure.step === execSteps.execve
      ? describeExec(path, failure.errno)
      : describeStep(path, spec, failure.step, failure.errno);
  const errno = failure instanceof SystemError ? failure.errno : 0;
  const reason = failure instanceof Error ? failure.message : String(failure);
  const hints: Readonly<Record<number, string>> = {
    [EAGAIN]: '; the limit of processes is reached (pids limit of the container, or RLIMIT_NPROC)',
    [ENOMEM]: '; there is no memory left for another process',
    [EMFILE]: '; the limit of open files is reached',
    [EACCES]: seccompHint,
    [EPERM]: seccompHint,
    [ENOSYS]: seccompHint,
  };
  return `Cannot create a process for ${path}: ${reason}${hints[errno] ?? ''}.`;
}

function isLauncherReport(failure: unknown): failure is { step: number; errno: number } {
  return typeof failure === 'object' && failure !== null && 'step' in failure;
}

/** Why execve(2) of `path` failed, and what to look at. */
export function describeExec(path: string, errno: number): string {
  const because = describeErrno(errno);
  switch (errno) {
    case ENOENT:
      return exists(path)
        ? `${path} cannot be executed: the interpreter or loader that it names${nameInterpreter(path)} is not in this image (ENOENT).`
        : `${path} does not exist (ENOENT).`;
    case EACCES:
      if (isDirectory(path)) return `${path} is a directory, not a program (EACCES).`;
      return `${path} may not be executed: it lacks the permission, or its file system is mounted noexec (EACCES).`;
    case ENOEXEC:
      return `${path} is not a program for this machine: wrong format or architecture, or a script without a #! line (ENOEXEC).`;
    case E2BIG:
      return `${path} cannot be executed: its arguments and environment are too long together, or one of them is (E2BIG).`;
    default:
      return `${path} cannot be executed: ${because}.`;
  }
}

function describeStep(path: string, spec: ChildSpec, step: number, errno: number): string {
  const { uid = 0, gid = 0 } = spec.user ?? {};
  const userSteps: Readonly<Record<number, string>> = {
    [execSteps.setgroups]: 'set the supplementary groups',
    [execSteps.setgid]: `switch to group ${gid}`,
    [execSteps.setuid]: `switch to user ${uid}`,
  };
  const ofUser = userSteps[step];
  return `${path} was not started: could not ${ofUser ?? `prepare the process (step ${step})`}: ${describeErrno(errno)}${hintFor(errno, ofUser !== undefined)}.`;
}

function hintFor(errno: number, isAboutUser: boolean): string {
  if (errno === EPERM && isAboutUser) return '; the container may not change users (CAP_SETUID, CAP_SETGID)';
  return errno === EPERM || errno === ENOSYS ? seccompHint : '';
}

/** The first bytes of a program. They have the line after `#!`, or the ELF header's name of a loader. */
const headBytes = 4096;

/** The interpreter of a script or the loader of an ELF file in words. '' if it cannot be read. */
function nameInterpreter(path: string): string {
  const head = Buffer.alloc(headBytes);
  try {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      readSync(fd, head, 0, headBytes, 0);
    } finally {
      closeSync(fd);
    }
  } catch {
    // The file may be executable but not readable.
    return '';
  }
  const text = head.toString('latin1');
  const [, script, lineEnd] = /^#![ \t]*([^\s\0]+)[^\r\n]*(\r?)/.exec(text) ?? [];
  if (script !== undefined)
    return lineEnd === '\r'
      ? `, ${script} with a carriage return (the file has CR LF line ends),`
      : `, ${script},`;
  const [loader] = /\/[\w./-]*\/ld[\w.-]+(?=\0)/.exec(text) ?? [];
  return loader === undefined ? '' : `, ${loader},`;
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
