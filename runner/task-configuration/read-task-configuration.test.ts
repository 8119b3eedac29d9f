import { expect, test } from 'vitest';
import { readTaskConfiguration } from './read-task-configuration.ts';

const plain = { task_id: 't', docker: [{ image: 'x' }] };

test('a configuration needs only an id and an image', () => {
  expect(readTaskConfiguration(plain)).toEqual({
    taskId: 't',
    docker: [
      {
        image: 'x',
        name: undefined,
        entrypoint: undefined,
        command: undefined,
        user: undefined,
        environment: {},
        auth: undefined,
      },
    ],
    workingDirectory: undefined,
    maxRunTimeNs: undefined,
    ssh: false,
  });
});

test('nulls count as absent, and unknown fields are ignored', () => {
  const nulls = { name: null, entrypoint: null, command: null, user: null, environment: null, auth: null };
  const rest = { working_directory: null, max_run_time: null, ssh: null, future: [1] };
  const json = { ...plain, docker: [{ image: 'x', ...nulls, aws_auth: null, future: 1 }], ...rest };
  expect(readTaskConfiguration(json)).toEqual(readTaskConfiguration(plain));
});

test('empty texts count as absent', () => {
  const empty = { name: '', entrypoint: '', command: '', user: '' };
  const json = { ...plain, docker: [{ image: 'x', ...empty }], working_directory: '' };
  expect(readTaskConfiguration(json)).toEqual(readTaskConfiguration(plain));
});

test('all fields are read', () => {
  const entry = {
    image: 'x',
    name: 'db',
    entrypoint: 'a b',
    command: ['c', 'd e'],
    user: '1000',
    environment: { TEXT: 'x', NUMBER: 1, FLAG: true, EMPTY: null },
    auth: { username: 'u', password: 'p' },
  };
  const rest = { working_directory: '/src', max_run_time: 3_600_000_000_000, ssh: { enabled: true } };
  expect(readTaskConfiguration({ task_id: 't', docker: [entry], ...rest })).toEqual({
    taskId: 't',
    docker: [
      {
        ...entry,
        entrypoint: ['a b'],
        environment: { TEXT: 'x', NUMBER: '1', FLAG: 'true', EMPTY: '' },
      },
    ],
    workingDirectory: '/src',
    maxRunTimeNs: 3_600_000_000_000n,
    ssh: true,
  });
});

test.each(['__proto__', 'constructor', 'toString'])('a variable may be called %s', (name) => {
  const json = JSON.parse(
    `{"task_id": "t", "docker": [{"image": "x", "environment": {"${name}": "value"}}]}`,
  );
  const [entry] = readTaskConfiguration(json).docker;
  expect(Object.entries(entry?.environment ?? {})).toEqual([[name, 'value']]);
});

const manyVariables = Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`V${n}`, 'secret']));

test.each<[unknown, string]>([
  [null, 'it must be an object, but is null'],
  [{ docker: plain.docker }, 'task_id must be a string, but is missing'],
  [{ ...plain, task_id: '' }, 'task_id must not be empty'],
  [{ ...plain, docker: [] }, 'docker must not be empty'],
  [
    {
      ...plain,
      docker: [
        { image: 'x', environment: manyVariables },
        { image: 'y', environment: { A: '' } },
      ],
    },
    'its containers have 10001 variables, and at most 10000 fit into a Pod',
  ],
  [{ ...plain, docker: Array(101).fill({ image: 'x' }) }, 'docker must have at most 100 entries'],
  [{ ...plain, docker: [{ image: 5 }] }, 'docker[0].image must be a string, but is a number'],
  [{ ...plain, max_run_time: -1 }, 'max_run_time must be at least 0'],
  [
    { ...plain, docker: [{ image: 'x', command: { secret: 1 } }] },
    'docker[0].command must be a string or an array of strings, but is an object',
  ],
  [
    { ...plain, docker: [{ image: 'x', environment: { A: ['secret'] } }] },
    'docker[0].environment.A must be a string, but is an array',
  ],
  [
    { ...plain, docker: [{ image: 'x', environment: ['secret'] }] },
    'docker[0].environment must be an object, but is an array',
  ],
  [
    { ...plain, docker: [{ image: 'x', environment: { 'my-key': 'secret' } }] },
    'docker[0].environment has the key "my-key", which is not the name of a variable',
  ],
  [
    { ...plain, docker: [{ image: 'x', environment: { A: 'secret\0' } }] },
    'docker[0].environment.A has a NUL, which no variable can have',
  ],
  [
    { ...plain, docker: [{ image: 'x', environment: { 'a\n\u001b[31m': 'secret' } }] },
    'docker[0].environment has the key "a\\n\\u001b[31m", which is not the name of a variable',
  ],
  [
    { ...plain, docker: [{ image: 'x', environment: { ['X'.repeat(1 << 20)]: 'secret' } }] },
    `docker[0].environment has the key "${'X'.repeat(100)}", which is not the name of a variable`,
  ],
  [
    { ...plain, docker: [{ image: 'secret\u001b[31m' }] },
    'docker[0].image must have only characters that the name of an image may have',
  ],
  [
    { ...plain, docker: [{ image: `secret${'x'.repeat(1024)}` }] },
    'docker[0].image must have at most 1024 characters',
  ],
  [{ ...plain, task_id: `secret${'x'.repeat(1024)}` }, 'task_id must have at most 1024 characters'],
  [
    { ...plain, docker: [{ image: 'x' }, { image: 'y', aws_auth: { secret: 1 } }] },
    'docker[1].aws_auth is not supported: give the node',
  ],
])('%j is refused by the name of the field, and without its value', (json, what) => {
  expect(() => readTaskConfiguration(json)).toThrow(`The configuration of the task cannot be used: ${what}`);
  expect(() => readTaskConfiguration(json)).not.toThrow('secret');
});
