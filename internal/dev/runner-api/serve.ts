import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { wholeNumber } from '../whole-number.ts';
import { startFakeRunnerApi } from './fake-runner-api.ts';
import { TaskQueue } from './queue/task-queue.ts';

/*
 * A runner API as a process. It prints `{"url":…}` when it listens, then every request as a line of JSON.
 *
 * Without --classes it accepts every call. `--classes '{"namespace/name":"token"}'` lets it have a queue of tasks:
 * queue/administer.ts says how to submit them. The answers are those of an AnswerScript.
 */
const { answers, classes, host, port, tlsCert, tlsKey } = new Command('serve.ts')
  .option('--host <HOST>', 'where to listen')
  .option('--port <PORT>', 'where to listen; 0: any', wholeNumber(0), 0)
  .option('--tls-key <FILE>', 'the key of the certificate, in PEM')
  .option('--tls-cert <FILE>', 'the certificate, in PEM')
  .option('--answers <JSON>', 'its answers to calls', '{}')
  .option('--classes <JSON>', 'the tokens of resource classes')
  .parse()
  .opts<{
    host?: string;
    port: number;
    tlsKey?: string;
    tlsCert?: string;
    answers: string;
    classes?: string;
  }>();
const print = (line: unknown) => void process.stdout.write(`${JSON.stringify(line)}\n`);
const api = await startFakeRunnerApi({
  ...(host === undefined ? {} : { host }),
  port,
  ...(tlsKey && tlsCert ? { tls: { key: readFileSync(tlsKey), cert: readFileSync(tlsCert) } } : {}),
  ...(classes === undefined ? {} : { tasks: new TaskQueue(JSON.parse(classes)) }),
  answers: JSON.parse(answers),
  onRequest: print,
});
print({ url: api.url });
