import { execFileSync } from 'node:child_process';
import { mkdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scratchFolder } from '../../internal/dev/testing/scratch-folder.ts';
import { Failure } from '../../internal/failure.ts';
import {
  findUser,
  readDatabaseFile,
  readUserDatabase,
  resolveUser,
  type UserDatabase,
} from './find-user.linux.ts';

const database = {
  passwd: [
    'root:x:0:0:root:/root:/bin/sh',
    '# a comment',
    '',
    'too:few',
    '+::::::',
    ':x:5:5:no name:/:',
    'letters:x:abc:1:uid is no number:/:',
    'negative:x:-1:1::/:',
    'none:x:4294967295:1:the id that means none:/:',
    'huge:x:42949672960:1::/:',
    'circleci:x:1000:1001:CircleCI,,,:/home/circleci:/bin/bash',
    'second:x:1000:1002:the same id again:/home/second:/bin/bash',
    '2000:x:3000:3001:looks like a number:/home/numeric:/bin/sh',
    'homeless:x:1500:1500::',
    'short:x:1600:1600',
    'highest:x:4294967294:4294967294::/high:/bin/sh',
    'Ünal:x:1700:1700::/home/ünal:',
  ].join('\n'),
  group: [
    'root:x:0:',
    'garbage',
    ':x:7:circleci',
    'bad:x:gid:circleci',
    'circleci:x:1001:',
    'docker:x:998:circleci,other',
    'wheel:x:10:other, circleci ',
    'circle:x:11:circle',
    '4000:x:44:homeless',
  ].join('\n'),
};

function resolve(setting: string) {
  return resolveUser(setting, database);
}

function messageFor(setting: string, files: UserDatabase = database): string {
  try {
    resolveUser(setting, files);
  } catch (error) {
    if (error instanceof Failure && error.code === 'user') return error.message;
    throw error;
  }
  throw new Error(`${setting} was resolved`);
}

const circleci = { uid: 1000, gid: 1001, groups: [998, 10], home: '/home/circleci' };

describe('a user', () => {
  test.each([
    ['root', { uid: 0, gid: 0, groups: [], home: '/root' }],
    ['circleci', circleci],
    ['1000', circleci],
    ['second', { uid: 1000, gid: 1002, groups: [], home: '/home/second' }],
    ['homeless', { uid: 1500, gid: 1500, groups: [44], home: '/' }],
    ['short', { uid: 1600, gid: 1600, groups: [], home: '/' }],
    ['Ünal', { uid: 1700, gid: 1700, groups: [], home: '/home/ünal' }],
    ['highest', { uid: 4294967294, gid: 4294967294, groups: [], home: '/high' }],
  ])('%s is found in the files', (setting, expected) => {
    expect(resolve(setting)).toEqual(expected);
  });

  test('that is a number is an id, whatever names exist, as in container engines', () => {
    expect(resolve('2000')).toEqual({ uid: 2000, gid: 0, groups: [], home: '/' });
    expect(resolve('3000')).toEqual({ uid: 3000, gid: 3001, groups: [], home: '/home/numeric' });
  });

  test.each(['12345', '0012345', '429496729'])('%s without an entry is used as an id', (setting) => {
    expect(resolve(setting)).toEqual({ uid: Number(setting), gid: 0, groups: [], home: '/' });
  });

  test.each([
    'nobody-here',
    'letters',
    'negative',
    'none',
    'huge',
    'Circleci',
    '#',
    '-1',
    '+1',
    '1e3',
    '0x10',
    ' 1',
  ])('%s that has no usable entry is unknown', (setting) => {
    expect(messageFor(setting)).toBe(
      `The task cannot run as user ${JSON.stringify(setting)} (/etc/passwd of this image has no user ${JSON.stringify(setting)}).`,
    );
  });

  test.each(['4294967295', '4294967296', '99999999999'])('%s is not an id in Linux', (setting) => {
    expect(messageFor(setting)).toContain('has no user');
  });
});

describe('a group', () => {
  test.each([
    ['circleci:docker', { ...circleci, gid: 998 }],
    ['circleci:10', { ...circleci, gid: 10 }],
    ['1000:docker', { ...circleci, gid: 998 }],
    ['1000:777', { ...circleci, gid: 777 }],
    ['12345:67890', { uid: 12345, gid: 67890, groups: [], home: '/' }],
    ['12345:docker', { uid: 12345, gid: 998, groups: [], home: '/' }],
    ['circleci:4000', { ...circleci, gid: 4000 }],
  ])('of the setting beats that of the entry: %s', (setting, expected) => {
    expect(resolve(setting)).toEqual(expected);
  });

  test.each(['circleci:nogroup', 'circleci:bad', 'circleci:4294967295', '0:-1'])(
    'is unknown: %s',
    (setting) => {
      const group = setting.slice(setting.indexOf(':') + 1);
      expect(messageFor(setting)).toBe(
        `The task cannot run as user ${JSON.stringify(setting)} (/etc/group of this image has no group ${JSON.stringify(group)}).`,
      );
    },
  );
});

test.each([':', ':docker', 'circleci:', 'circleci:docker:', 'a:b:c', '::'])('%j is not valid', (setting) => {
  expect(messageFor(setting)).toBe(
    `The task cannot run as user ${JSON.stringify(setting)} (expected a user, or user:group).`,
  );
});

test('a message stays on one line, whatever the setting is', () => {
  expect(messageFor('a\nb')).not.toContain('\n');
});

test('an image without the files allows only numbers', () => {
  const empty = { passwd: '', group: '' };
  expect(resolveUser('1000:1000', empty)).toEqual({ uid: 1000, gid: 1000, groups: [], home: '/' });
  expect(() => resolveUser('root', empty)).toThrow(Failure);
});

describe('a file that cannot be read', () => {
  const closed = { unreadable: 'permission denied (EACCES)' };
  const files = { passwd: closed, group: closed };

  test('is named if a name is looked for in it', () => {
    expect(messageFor('circleci', files)).toBe(
      'The task cannot run as user "circleci" (/etc/passwd of this image cannot be read: permission denied (EACCES)).',
    );
    expect(messageFor('1000:docker', files)).toBe(
      'The task cannot run as user "1000:docker" (/etc/group of this image cannot be read: permission denied (EACCES)).',
    );
  });

  test('has no entries for numbers', () => {
    expect(resolveUser('1000:1000', files)).toEqual({ uid: 1000, gid: 1000, groups: [], home: '/' });
  });
});

describe('reading a file', () => {
  const path = () => join(scratchFolder(), 'passwd');

  test('gives its text', async () => {
    const file = path();
    await writeFile(file, 'root:x:0:0');
    expect(readDatabaseFile(file)).toBe('root:x:0:0');
  });

  test('that is missing, or whose folder is, gives an empty text', async () => {
    const file = path();
    expect(readDatabaseFile(file)).toBe('');
    await writeFile(file, '');
    expect(readDatabaseFile(join(file, 'passwd'))).toBe('');
  });

  test('that is a FIFO without a writer does not wait', () => {
    const file = path();
    execFileSync('mkfifo', [file]);
    expect(readDatabaseFile(file)).toEqual({ unreadable: 'it is not a regular file' });
  });

  test('that is a device without an end does not read it', () => {
    expect(readDatabaseFile('/dev/zero')).toEqual({ unreadable: 'it is not a regular file' });
  });

  test('that is a folder says so', async () => {
    const file = path();
    await mkdir(file);
    expect(readDatabaseFile(file)).toEqual({ unreadable: 'it is not a regular file' });
  });

  test('that would fill the memory does not read it', async () => {
    const file = path();
    await writeFile(file, '');
    await truncate(file, 2 ** 40);
    expect(readDatabaseFile(file)).toEqual({ unreadable: 'it has more than 16777216 bytes' });
  });

  test('that cannot be opened says why', () => {
    const file = path();
    execFileSync('ln', ['-s', file, file]);
    expect(readDatabaseFile(file)).toEqual({ unreadable: expect.stringContaining('(ELOOP)') });
  });
});

describe('whom to switch to', () => {
  const uid = process.getuid?.() ?? 0;
  const gid = process.getgid?.() ?? 0;

  test('nobody, for an empty setting', () => {
    expect(findUser('')).toBeUndefined();
  });

  test.each([`${uid}`, `${uid}:${gid}`])('nobody, if we already are that user: %s', (setting) => {
    expect(findUser(setting)).toBeUndefined();
  });

  test('our own user in another group is a switch', () => {
    expect(findUser(`${uid}:${gid + 4711}`)).toMatchObject({ uid, gid: gid + 4711 });
  });

  test('another user is a switch', () => {
    expect(findUser(`${uid + 4711}`)).toMatchObject({ uid: uid + 4711 });
  });

  test('an unknown user is a failure', () => {
    expect(() => findUser('no-such-user-anywhere')).toThrow(Failure);
  });

  test('is decided by the files of this machine', () => {
    expect(readUserDatabase().passwd).toContain('root:');
    expect(readUserDatabase().group).toContain('root:');
  });
});
