import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startFakeRunnerApi } from './fake-runner-api.ts';
import { TaskQueue } from './queue/task-queue.ts';

/*
 * serve.ts [--host HOST] [--port PORT] [--tls-key FILE --tls-cert FILE] [--answers JSON] [--classes JSON]: a runner API
 * as a process. It prints `{"url":…}` when it listens, then every request as a line of JSON.
 *
 * Without --classes it accepts every call. `--classes '{"namespace/name":"token"}'` lets it have a queue of tasks:
 * queue/administer.ts says how to submit them. The answers are those of an AnswerScript.
 */
const string = { type: 'string' } as const;
const { values } = parseArgs({
  options: {
    ...{ host: string, port: string, 'tls-key': string, 'tls-cert': string },
    ...{ answers: string, classes: string },
  },
});
const { host, port = '0', 'tls-key': key, 'tls-cert': cert, answers = '{}', classes } = values;
const print = (line: unknown) => void process.stdout.write(`${JSON.stringify(line)}\n`);
const api = await startFakeRunnerApi({
  ...(host === undefined ? {} : { host }),
  port: Number(port),
  ...(key && cert ? { tls: { key: readFileSync(key), cert: readFileSync(cert) } } : {}),
  ...(classes === undefined ? {} : { tasks: new TaskQueue(JSON.parse(classes)) }),
  answers: JSON.parse(answers),
  onRequest: print,
});
print({ url: api.url });
