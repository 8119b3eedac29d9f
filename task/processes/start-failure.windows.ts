import { extname } from 'node:path';

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  EACCES: 'it is not permitted; look at its permissions, and at virus scanners and policies',
  EPERM: 'it is not permitted; look at its permissions, and at virus scanners and policies',
  EFTYPE: 'it is not a program for this machine: wrong format or architecture',
  UNKNOWN: 'this is perhaps not a program for this machine: wrong format or architecture',
  ENAMETOOLONG: 'its arguments or its path are too long',
  E2BIG: 'its arguments and environment are too long together',
  EMFILE: 'this process has too many open handles',
  ENOMEM: 'there is no memory left for another process',
};

/** Says why Windows could not start `path`, and what to look at, by the error that node:child_process gave. */
export function describeStartFailure(path: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  // Node refuses these, because cmd.exe would execute some arguments as commands (CVE-2024-27980).
  if (code === 'EINVAL' && ['.bat', '.cmd'].includes(extname(path).toLowerCase()))
    return `${path} is a batch file, which is not a program: name cmd.exe /d /s /c as its command (${code}).`;
  const reason = reasons[code];
  const message = error instanceof Error ? error.message : String(error);
  return `${path} cannot be started: ${reason === undefined ? message : `${reason} (${code})`}.`;
}
