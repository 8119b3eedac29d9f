import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { isObject } from '../../json.ts';
import { wholeNumber } from '../whole-number.ts';
import type { Answers } from './answer-script.ts';
import { startFakeRunnerApi } from './fake-runner-api.ts';
import { parseJson } from './parse-json.ts';
import { TaskQueue } from './queue/task-queue.ts';

/*
 * A runner API as a process. It prints `{"url":…}` when it listens, then every request as a line of JSON.
 *
 * Without --classes it accepts every call. `--classes '{"namespace/name":"token"}'` lets it have a queue of tasks:
 * queue/administer.ts says how to submit them. The answers are those of an AnswerScript.
 */
const program = new Command('serve.ts')
  .option('--host <HOST>', 'where to listen')
  .option('--port <PORT>', 'where to listen; 0: any', wholeNumber(0), 0)
  .option('--tls-key <FILE>', 'the key of the certificate, in PEM', contentOf)
  .option('--tls-cert <FILE>', 'the certificate, in PEM', contentOf)
  .option('--answers <JSON>', 'its answers to calls', jsonObject)
  .option('--classes <JSON>', 'the tokens of resource classes', jsonObject)
  .parse();
const { answers, classes, host, port, tlsCert, tlsKey } = program.opts<{
  host?: string;
  port: number;
  tlsKey?: Buffer;
  tlsCert?: Buffer;
  answers?: Answers;
  classes?: Readonly<Record<string, string>>;
}>();
const print = (line: unknown) => void process.stdout.write(`${JSON.stringify(line)}\n`);
const api = await startFakeRunnerApi({
  ...(host === undefined ? {} : { host }),
  port,
  ...(tlsKey && tlsCert ? { tls: { key: tlsKey, cert: tlsCert } } : {}),
  ...(classes === undefined ? {} : { tasks: new TaskQueue(classes) }),
  ...(answers === undefined ? {} : { answers }),
  onRequest: print,
}).catch(({ message }: Error) => program.error(`error: cannot listen: ${message}`));
print({ url: api.url });

function jsonObject(text: string): object {
  const value = parseJson(text);
  if (isObject(value)) return value;
  throw new InvalidArgumentError('Expected a JSON object.');
}

function contentOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}
