import { statSync } from 'node:fs';
import { constants } from 'node:os';
import { execSteps } from '../../internal/launcher/exec-request.ts';
import { describeErrno, SystemError } from '../../internal/syscall/system-error.ts';
import type { ChildSpec } from './processes.ts';

const { EACCES, EAGAIN, E2BIG, ENOENT, ENOEXEC, ENOSYS, EPERM, ENOMEM, EMFILE } = constants.errno;

const seccompHint = '; look at the seccomp profile of the container';

/** Says why `path` could not be started, from the launcher's report or from the system call that failed. */
export function describeStartFailure(path: string, spec: ChildSpec, failure: unknown): string {
  if (isLauncherReport(failure)) {
    return failure.step === execSteps.execve
      ? describeExec(path, failure.errno)
      : describeStep(path, spec, failure.step, failure.errno);
  }
  const errno = failure instanceof SystemError ? failure.errno : 0;
  const reason = failure instanceof Error ? failure.message : String(failure);
  const hints: Readonly<Record<number, string>> = {
    [EAGAIN]: '; the limit of processes is reached (pids limit of the container, or RLIMIT_NPROC)',
    [ENOMEM]: '; there is no memory left for another process',
    [EMFILE]: '; the limit of open files is reached',
    [EPERM]: seccompHint,
    [ENOSYS]: seccompHint,
  };
  return `No process could be made for ${path}: ${reason}${hints[errno] ?? ''}.`;
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
        ? `${path} cannot be executed: the interpreter or loader that it names is not in this image (ENOENT).`
        : `${path} does not exist (ENOENT).`;
    case EACCES:
      if (isDirectory(path)) {
        return `${path} is a directory, not a program (EACCES).`;
      }
      return `${path} may not be executed: it lacks the permission, or its file system is mounted noexec (EACCES).`;
    case ENOEXEC:
      return `${path} is no program for this machine: wrong format or architecture, or a script without a #! line (ENOEXEC).`;
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
