import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { sendStatus } from '../../../internal/dev/kubernetes-api/answers.ts';
import { testKubernetes } from '../fixtures/test-kubernetes.ts';
import { followLog } from './follow-log.ts';

const quietly = {
  backoff: { first: 1, longest: 1 },
  hurry: new AbortController().signal,
  onOpen: () => undefined,
  onStale: () => undefined,
  onTrouble: () => undefined,
};

/** Reads a log that the API server sends in these parts, one per request. */
async function readLog(parts: readonly string[], breaks: 'end' | 'reset' = 'end') {
  const { api, client, signal } = await testKubernetes();
  let part = 0;
  api.intercept = (_request, response) => {
    response.writeHead(200).write(parts[part++] ?? '');
    if (breaks === 'reset' && part < parts.length) setImmediate(() => response.socket?.resetAndDestroy());
    else response.end();
    return true;
  };
  const lines: string[] = [];
  const followed = {
    pod: 'p',
    container: 'c',
    mayWrite: () => part < parts.length - 1,
    ...quietly,
  };
  for await (const { text } of followLog(client, followed, signal)) lines.push(text.toString());
  return { lines, requests: api.requests };
}

const at = (seconds: string, text: string) => `2026-01-02T03:04:${seconds}Z ${text}\n`;

test('reads a log to its end', async () => {
  const { lines, requests } = await readLog([at('05.1', 'one') + at('05.2', '') + at('06', 'three')]);
  expect(lines).toEqual(['one', '', 'three']);
  expect(Object.fromEntries(requests[0]?.query ?? [])).toEqual({ container: 'c', timestamps: 'true' });
});

test('a log that breaks off is resumed without loss and without repetition', async () => {
  const { lines, requests } = await readLog([
    at('05.1', 'one') + at('05.2', 'two'),
    at('05.2', 'two') + at('05.2', 'same time') + at('06', 'four'),
    at('06', 'four') + at('07', 'five'),
  ]);
  expect(lines).toEqual(['one', 'two', 'same time', 'four', 'five']);
  expect(requests.map(({ query }) => query.get('sinceTime'))).toEqual([
    null,
    '2026-01-02T03:04:05.2Z',
    '2026-01-02T03:04:06Z',
  ]);
});

test('several lines with the same time are told apart by their number', async () => {
  const { lines } = await readLog([
    at('05', 'a') + at('05', 'a'),
    at('05', 'a') + at('05', 'a') + at('05', 'a') + at('05', 'b'),
  ]);
  expect(lines).toEqual(['a', 'a', 'a', 'b']);
});

test('lines whose times are out of order are all read, each once', async () => {
  const first = at('05.1', 'one') + at('05.3', 'two') + at('05.2', 'three');
  const { lines } = await readLog([
    first,
    first + at('05.25', 'four') + at('05.3', 'five'),
    first + at('05.25', 'four') + at('05.3', 'five') + at('05.2', 'six') + at('06', 'seven'),
  ]);
  expect(lines).toEqual(['one', 'two', 'three', 'four', 'five', 'six', 'seven']);
});

test('a log is read on when the clock of its node is set back', async () => {
  const { lines } = await readLog([
    at('30', 'one') + at('05', 'two') + at('06', 'three'),
    at('30', 'one') + at('31', 'four'),
  ]);
  expect(lines).toEqual(['one', 'two', 'three', 'four']);
});

test('earlier lines that the API server repeats because of a coarse time are left out', async () => {
  const { lines } = await readLog([
    at('05.1', 'a') + at('05.123456789', 'b'),
    at('05.1', 'a') + at('05.12', 'older') + at('05.123456789', 'b') + at('05.2', 'c'),
  ]);
  expect(lines).toEqual(['a', 'b', 'c']);
});

test('text without a time counts to the line before, and does not move the place', async () => {
  const torn = `${at('05', 'one')}the rest of it\n`;
  const { lines, requests } = await readLog([torn, torn + at('06', 'two')]);
  expect(lines).toEqual(['one', 'the rest of it', 'two']);
  expect(requests[1]?.query.get('sinceTime')).toBe('2026-01-02T03:04:05Z');
});

test('a log that the kubelet cannot read has the words of the kubelet', async () => {
  const { lines } = await readLog(['unable to retrieve container logs for x']);
  expect(lines).toEqual(['unable to retrieve container logs for x']);
});

test('a log that the kubelet cannot read is not asked for again at once, and its words come once', {
  tags: ['timed'],
}, async () => {
  const { api, client, signal } = await testKubernetes();
  const hurry = new AbortController();
  const words = 'unable to retrieve container logs for x';
  api.intercept = (_request, response) => {
    response.end(hurry.signal.aborted ? `${words}\n${at('05', 'one')}` : words);
    // Longer than the pause after a stream that could be read.
    if (api.requests.length === 1) setTimeout(() => hurry.abort(), 700);
    return true;
  };
  const followed = {
    ...quietly,
    pod: 'p',
    container: 'c',
    mayWrite: () => !hurry.signal.aborted,
    backoff: { first: 3_600_000, longest: 3_600_000 },
    hurry: hurry.signal,
  };
  const lines: string[] = [];
  for await (const { text } of followLog(client, followed, signal)) lines.push(text.toString());
  expect(lines).toEqual([words, 'one']);
  expect(api.requests).toHaveLength(2);
});

test('a log is resumed when its connection breaks', async () => {
  const { lines } = await readLog([at('05', 'one'), at('05', 'one') + at('06', 'two')], 'reset');
  expect(lines).toEqual(['one', 'two']);
});

test('a quiet log is read on soon, however often its connection was cut after a while', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const { api, client, signal } = await testKubernetes();
  const cuts = 20;
  let stream: ServerResponse | undefined;
  api.intercept = (_request, response) => {
    response.writeHead(200).flushHeaders();
    if (api.requests.length > cuts) response.end(at('05', 'one'));
    stream = response.writableEnded ? undefined : response;
    return true;
  };
  const cut = () => {
    vi.advanceTimersByTime(35_000);
    stream?.socket?.resetAndDestroy();
  };
  const followed = {
    ...quietly,
    pod: 'p',
    container: 'c',
    mayWrite: () => api.requests.length < cuts,
    backoff: { first: 1, longest: 3_600_000 },
    onOpen: () => setImmediate(cut),
  };
  const lines: string[] = [];
  for await (const { text } of followLog(client, followed, signal)) lines.push(text.toString());
  expect(lines).toEqual(['one']);
});

test('bytes that are not UTF-8 stay unchanged', async () => {
  const { api, client, signal } = await testKubernetes();
  api.intercept = (_request, response) => {
    response.end(Buffer.concat([Buffer.from('2026-01-02T03:04:05Z '), Buffer.from([0xff, 0xfe, 10])]));
    return true;
  };
  const followed = {
    pod: 'p',
    container: 'c',
    mayWrite: () => false,
    ...quietly,
  };
  for await (const { text } of followLog(client, followed, signal)) expect([...text]).toEqual([0xff, 0xfe]);
});

test('a reader in a hurry soon tries a log again that could not be read', async () => {
  const { api, client, signal } = await testKubernetes();
  const hurry = new AbortController();
  api.intercept = (_request, response) => {
    if (hurry.signal.aborted) response.end(at('05', 'one'));
    else sendStatus(response, 503, 'ServiceUnavailable', 'try later');
    return true;
  };
  const followed = {
    ...quietly,
    pod: 'p',
    container: 'c',
    mayWrite: () => false,
    backoff: { first: 3_600_000, longest: 3_600_000 },
    hurry: hurry.signal,
    onTrouble: () => setImmediate(() => hurry.abort()),
  };
  const lines: string[] = [];
  for await (const { text } of followLog(client, followed, signal)) lines.push(text.toString());
  expect(lines).toEqual(['one']);
});

test('an endless line comes in pieces', async () => {
  const piece = 'x'.repeat(300_000);
  const { lines } = await readLog([
    `2026-01-02T03:04:05Z ${piece}`,
    `2026-01-02T03:04:06Z ${piece}${piece}\n`,
  ]);
  expect(lines.length).toBeGreaterThan(3);
  expect(lines.join('')).toBe(piece.repeat(3));
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(350_000);
});

test.each([
  ['falls silent', 20, false],
  ['is silent when the reader is in a hurry', 3_600_000, true],
])(
  'a stream that has brought much and %s is opened again',
  { tags: ['timed'] },
  async (_, silenceMs, hurries) => {
    const { api, client, signal } = await testKubernetes();
    const hurry = new AbortController();
    const much = Array.from({ length: 20 }, (_, index) => `${index}${'x'.repeat(60_000)}`);
    const file = much.map((text) => at('05', text)).join('');
    api.intercept = ({ query }, response) => {
      if (query.get('sinceTime') === null) response.writeHead(200).write(file);
      else response.end(file + at('06', 'from the next file'));
      return true;
    };
    let mayWrite = true;
    const lines: string[] = [];
    const followed = {
      ...quietly,
      pod: 'p',
      container: 'c',
      mayWrite: () => mayWrite,
      hurry: hurry.signal,
      onStale: () => {
        mayWrite = false;
      },
    };
    for await (const { text } of followLog(client, followed, signal, silenceMs)) {
      lines.push(text.toString());
      if (hurries && lines.length === much.length) hurry.abort();
    }
    expect(lines).toEqual([...much, 'from the next file']);
  },
);

test('what a stream brings again does not count: a log with much in its last second is not read again and again', {
  tags: ['timed'],
}, async () => {
  const { api, client, signal } = await testKubernetes();
  const file = Array.from({ length: 20 }, (_, index) => at('05', `${index}${'x'.repeat(60_000)}`)).join('');
  let opened = 0;
  const again = Promise.withResolvers<void>();
  api.intercept = (_request, response) => {
    response.writeHead(200).write(file);
    if (++opened === 2) again.resolve();
    return true;
  };
  let stale = 0;
  const followed = { ...quietly, pod: 'p', container: 'c', mayWrite: () => true, onStale: () => stale++ };
  const end = new AbortController();
  let lines = 0;
  const reading = (async () => {
    const log = followLog(client, followed, AbortSignal.any([signal, end.signal]), 20);
    for await (const _ of log) lines++;
  })();
  await again.promise;
  await sleep(500);
  end.abort();
  await reading;
  expect({ lines, opened, stale }).toEqual({ lines: 20, opened: 2, stale: 1 });
});
