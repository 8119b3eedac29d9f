import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Failure } from '../../internal/failure.ts';
import { resolveUser } from './find-user.linux.ts';

const name = fc.stringMatching(/^[a-z_][a-z0-9_-]{0,10}$/);
const id = fc.nat(0xffff_fffe);
const garbage = fc.string({ unit: 'binary' });
/** Lines like those of files that people and tools have edited. */
const line = fc.oneof(
  garbage,
  fc.tuple(name, id, id).map(([user, uid, gid]) => `${user}:x:${uid}:${gid}::/home/${user}:/bin/sh`),
  fc.constantFrom(
    '',
    '#',
    '+::::::',
    ':x:0:0::/:',
    'a:x:-1:0::/:',
    'b:x:99999999999:0::/:',
    'c:x:0x10:0::/:',
  ),
);
const file = fc.array(line).map((lines) => lines.join('\n'));

test('with any files, a setting gives valid ids or is refused in one line', () => {
  const part = fc.oneof(name, id.map(String), garbage);
  const setting = fc.oneof(
    part,
    fc.tuple(part, part).map((parts) => parts.join(':')),
  );
  fc.assert(
    fc.property(setting, file, file, (wanted, passwd, group) => {
      try {
        const { uid, gid, groups, home } = resolveUser(wanted, { passwd, group });
        for (const number of [uid, gid, ...groups]) {
          expect(Number.isInteger(number) && number >= 0 && number <= 0xffff_fffe).toBe(true);
        }
        expect(home).not.toBe('');
      } catch (error) {
        expect(error).toBeInstanceOf(Failure);
        expect(String(error)).not.toContain('\n');
      }
    }),
  );
});

test('a user is found among any other lines, by name and by id', () => {
  fc.assert(
    fc.property(file, id, id, file, (before, uid, gid, after) => {
      const passwd = `${before}\nthe.user:x:${uid}:${gid}:,,,:/home/of/the.user:/bin/sh\n${after}`;
      const user = { uid, gid, home: '/home/of/the.user' };
      expect(resolveUser('the.user', { passwd, group: '' })).toMatchObject(user);
      expect(resolveUser(String(uid), { passwd: passwd.slice(before.length + 1), group: '' })).toMatchObject(
        user,
      );
    }),
  );
});

test('a user never has a group that names only others', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(name, id, fc.array(name))), (groups) => {
      const group = groups
        .map(([title, gid, members]) => `${title}:x:${gid}:${members.join(',')}`)
        .join('\n');
      const expected = groups.filter(([, , members]) => members.includes('member')).map(([, gid]) => gid);
      const passwd = 'member:x:1:1::/:';
      expect(resolveUser('member', { passwd, group }).groups).toEqual(expected);
    }),
  );
});
