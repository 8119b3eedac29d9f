import { readFileSync } from 'node:fs';
import { Failure } from '../../internal/failure.ts';
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

/** The texts of passwd(5) and group(5). */
export interface UserDatabase {
  readonly passwd: string;
  readonly group: string;
}

/** Linux has 32-bit ids. The highest one means "none" (credentials(7), chown(2)). */
const highestId = 0xffff_fffe;

/**
 * Reads only the image's files. Its libc and its name services must not be loaded. A missing or unreadable
 * file counts as empty.
 */
export function readUserDatabase(): UserDatabase {
  return { passwd: readOrEmpty('/etc/passwd'), group: readOrEmpty('/etc/group') };
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
  const accounts = parsePasswd(database.passwd);
  const groups = parseGroup(database.group);
  const id = parseId(userPart);
  const account = accounts.find((entry) => (id === undefined ? entry.name === userPart : entry.uid === id));
  const uid = account?.uid ?? id;
  if (uid === undefined)
    throw unknown(setting, `/etc/passwd of this image has no user ${JSON.stringify(userPart)}`);
  return {
    uid,
    gid: groupPart === undefined ? (account?.gid ?? 0) : resolveGroup(setting, groupPart, groups),
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

function resolveGroup(setting: string, part: string, groups: readonly GroupEntry[]): number {
  const id = parseId(part);
  const gid = id ?? groups.find((entry) => entry.name === part)?.gid;
  if (gid === undefined)
    throw unknown(setting, `/etc/group of this image has no group ${JSON.stringify(part)}`);
  return gid;
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

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/**
 * No colon follows the setting: it may end with one itself, and the message loses its quotes on the way to a web page.
 */
function unknown(setting: string, reason: string): Failure {
  return new Failure(taskKinds.user, `The task cannot run as user ${JSON.stringify(setting)} (${reason}).`);
}
