import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { Failure } from '../../internal/failure.ts';
import { describeErrno } from '../../internal/syscall/system-error.ts';
import { taskKinds } from '../failure-kinds.ts';
import type { User } from './processes.ts';

interface PasswdEntry {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

interface GroupEntry {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

/** The text of a file, '' if it is missing, or the reason why it cannot be read. */
export type DatabaseFile = string | { readonly unreadable: string };

/** The files of passwd(5) and group(5). */
export interface UserDatabase {
  readonly passwd: DatabaseFile;
  readonly group: DatabaseFile;
}

/** Many times the size of a file with every user of a large company, in bytes. */
const maxBytes = 16 << 20;

/** Linux has 32-bit ids. The highest one means "none" (credentials(7), chown(2)). */
const highestId = 0xffff_fffe;

/**
 * Reads only the image's files. Its libc and its name services must not be loaded.
 */
export function readUserDatabase(): UserDatabase {
  return { passwd: readDatabaseFile('/etc/passwd'), group: readDatabaseFile('/etc/group') };
}

/**
 * Resolves a container's user setting by the files of passwd(5) and group(5). The setting is `user` or
 * `user:group`, each a name or a number. As with container engines, a number is always an id, even if a user
 * has this number as a name. A number without an entry is valid and has group 0.
 *
 * @throws Failure 'user' if a name is unknown or a part is missing
 */
export function resolveUser(setting: string, database: UserDatabase): User {
  const [userPart = '', groupPart, ...rest] = setting.split(':');
  if (userPart === '' || groupPart === '' || rest.length > 0)
    throw unknown(setting, 'expected a user, or user:group');
  const accounts = parsePasswd(textOf(database.passwd));
  const groups = parseGroup(textOf(database.group));
  const id = parseId(userPart);
  const account = accounts.find((entry) => (id === undefined ? entry.name === userPart : entry.uid === id));
  const uid = account?.uid ?? id;
  if (uid === undefined)
    throw unknown(setting, describeMissing('/etc/passwd', database.passwd, 'user', userPart));
  return {
    uid,
    gid:
      groupPart === undefined
        ? (account?.gid ?? 0)
        : resolveGroup(setting, groupPart, groups, database.group),
    groups: groups.filter((group) => account && group.members.includes(account.name)).map(({ gid }) => gid),
    home: account?.home || '/',
  };
}

/**
 * The user to switch to for a user setting. It is undefined if there is no setting, or if this process
 * already is that user.
 *
 * @throws Failure 'user'
 */
export function findUser(setting: string): User | undefined {
  if (setting === '') return undefined;
  const user = resolveUser(setting, readUserDatabase());
  const groupIsRight = !setting.includes(':') || user.gid === process.getgid?.();
  return user.uid === process.getuid?.() && groupIsRight ? undefined : user;
}

function resolveGroup(
  setting: string,
  part: string,
  groups: readonly GroupEntry[],
  file: DatabaseFile,
): number {
  const id = parseId(part);
  const gid = id ?? groups.find((entry) => entry.name === part)?.gid;
  if (gid === undefined) throw unknown(setting, describeMissing('/etc/group', file, 'group', part));
  return gid;
}

function describeMissing(path: string, file: DatabaseFile, kind: string, name: string): string {
  return typeof file === 'string'
    ? `${path} of this image has no ${kind} ${JSON.stringify(name)}`
    : `${path} of this image cannot be read: ${file.unreadable}`;
}

function parsePasswd(text: string): PasswdEntry[] {
  return text.split('\n').flatMap((line) => {
    const [name = '', , uidText, gidText, , home = ''] = line.split(':');
    const uid = parseId(uidText);
    const gid = parseId(gidText);
    return name === '' || uid === undefined || gid === undefined ? [] : [{ name, uid, gid, home }];
  });
}

function parseGroup(text: string): GroupEntry[] {
  return text.split('\n').flatMap((line) => {
    const [name = '', , gidText, members = ''] = line.split(':');
    const gid = parseId(gidText);
    return name === '' || gid === undefined
      ? []
      : [{ name, gid, members: members.split(',').map((member) => member.trim()) }];
  });
}

function parseId(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,10}$/.test(text) && Number(text) <= highestId
    ? Number(text)
    : undefined;
}

/** @param path of passwd(5) or group(5). Whatever else it may be does not block this process or fill its memory */
export function readDatabaseFile(path: string): DatabaseFile {
  let file: number;
  try {
    // Without O_NONBLOCK, opening a FIFO without a writer would wait for ever.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR' ? '' : unreadable(error);
  }
  try {
    const stats = fstatSync(file);
    if (!stats.isFile()) return { unreadable: 'it is not a regular file' };
    if (stats.size > maxBytes) return { unreadable: `it has more than ${maxBytes} bytes` };
    return readFileSync(file, 'utf8');
  } catch (error) {
    return unreadable(error);
  } finally {
    closeSync(file);
  }
}

/** @param error of node:fs, with a negative errno */
function unreadable(error: unknown): DatabaseFile {
  const { errno = 0 } = error as NodeJS.ErrnoException;
  return { unreadable: describeErrno(-errno) };
}

function textOf(file: DatabaseFile): string {
  return typeof file === 'string' ? file : '';
}

/**
 * No colon follows the setting: it may end with one itself, and the message loses its quotes on the way to a web page.
 */
function unknown(setting: string, reason: string): Failure {
  return new Failure(taskKinds.user, `The task cannot run as user ${JSON.stringify(setting)} (${reason}).`);
}
