import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { childrenOf, stateOf } from '../../../internal/dev/testing/proc.ts';
import { scratchFolder } from '../../../internal/dev/testing/scratch-folder.ts';
import { waitFor } from '../../../internal/dev/testing/wait-for.ts';
import { signalName } from '../../../internal/signals.ts';
import { type Supervised, type Supervisor, supervise } from './programs.ts';

/** Each act does one thing to a program and returns the result in a few words. */
export type Act = (program: Supervisor) => Promise<string>;

/** The number is the same in an exit status and in a message. */
async function exitOf({ end }: Supervised): Promise<string> {
  return (await end()).replace(/^status /, 'exit ');
}

const parallel = 4;

/** Runs the child once for each number, and returns the numbers with a wrong result. */
async function wrongOnes(
  numbers: readonly number[],
  isRight: (number: number) => Promise<boolean>,
): Promise<string> {
  const left = [...numbers];
  const wrong: number[] = [];
  const worker = async () => {
    for (let number = left.shift(); number !== undefined; number = left.shift()) {
      if (!(await isRight(number))) wrong.push(number);
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  return wrong.length === 0 ? 'all' : `all but ${wrong.sort((a, b) => a - b).join(' ')}`;
}

/** Both results are right: the orchestrator's, and the exit status of a process that passes the status on. */
async function endsWith(
  program: Supervisor,
  script: readonly string[],
  words: readonly string[],
): Promise<boolean> {
  return words.includes(await (await supervise(program, script)).end());
}

const statuses = Array.from({ length: 256 }, (_, status) => status);

export const tellsStatuses: Act = (program) =>
  wrongOnes(statuses, (n) => endsWith(program, [`exit=${n}`], [`exit ${n}`, `status ${n}`]));

/** The signals that end a process by default: signal(7). */
const deadly = Array.from({ length: 64 }, (_, index) => index + 1).filter(
  (n) => ![17, 18, 19, 20, 21, 22, 23, 28, 32, 33].includes(n),
);

export const tellsSignals: Act = (program) =>
  wrongOnes(deadly, (n) =>
    endsWith(program, [`raise=${n}`], [`signal ${signalName(n)}`, `status ${128 + n}`]),
  );

export const tellsApart: Act = async (program) => {
  const ends = await Promise.all(
    ['exit=137', 'raise=9'].map(async (verb) => (await supervise(program, [verb])).end()),
  );
  return ends[0] === ends[1] ? 'the same' : 'told apart';
};

/** A child that ends at once, while its parent may not have read its pid yet. */
export const keepsQuickEnds: Act = (program) =>
  wrongOnes(
    Array.from({ length: 30 }, (_, n) => n + 1),
    (n) => endsWith(program, [`exit=${n}`], [`exit ${n}`, `status ${n}`]),
  );

/** The child's own status, not that of a process that was adopted in the meantime. */
export const takesNobodyElses: Act = async (program) => {
  const others = Array.from({ length: 30 }, (_, n) => ['daemon', `exit=${100 + n}`, 'end']).flat();
  return exitOf(await supervise(program, ['orphans=200', ...others, 'exit=42']));
};

export const survivesStops: Act = async (program) => {
  const file = join(scratchFolder(), 'go');
  const script = ['fork', `wait-file=${file}`, 'end', 'say=stopping', 'stop', 'exit=5'];
  const supervised = await supervise(program, script);
  const { run } = supervised;
  await run.printed(/stopping/);
  await waitFor('a stopped child', () => childrenOf(run.pid).some((pid) => stateOf(pid) === 'T'));
  await writeFile(file, ''); // The end of another child comes between.
  run.signal('SIGCONT');
  return exitOf(supervised);
};

/** After SIGTERM the child ends by itself with its own status. */
export const endsOnRequest: Act = async (program) => {
  const told = join(scratchFolder(), 'told');
  // The orchestrator's agent gets no signal before the end of the grace period, and may end by itself before
  // that.
  const wait = program === 'orchestrator' ? [`wait-file=${told}`] : ['wait-signals=1'];
  const supervised = await supervise(program, ['trap=15', 'say=ready', ...wait, 'exit=6']);
  const { run } = supervised;
  await run.printed(/ready/);
  run.signal('SIGTERM');
  if (program === 'orchestrator') await run.printed(/SIGTERM/);
  await writeFile(told, '');
  return exitOf(supervised);
};
