import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startFakeRunnerApi } from './fake-runner-api.ts';

/*
 * serve.ts [--host HOST] [--port PORT] [--tls-key FILE --tls-cert FILE] [--answers JSON]: a fake runner API as a process.
 * It prints `{"url":…}` when it listens, then every request as a line of JSON. The answers are those of an AnswerScript.
 */
const string = { type: 'string' } as const;
const { values } = parseArgs({
  options: { host: string, port: string, 'tls-key': string, 'tls-cert': string, answers: string },
});
const { host, port = '0', 'tls-key': key, 'tls-cert': cert, answers = '{}' } = values;
const print = (line: unknown) => void process.stdout.write(`${JSON.stringify(line)}\n`);
const api = await startFakeRunnerApi({
  ...(host === undefined ? {} : { host }),
  port: Number(port),
  ...(key && cert ? { tls: { key: readFileSync(key), cert: readFileSync(cert) } } : {}),
  answers: JSON.parse(answers),
  onRequest: print,
});
print({ url: api.url });
