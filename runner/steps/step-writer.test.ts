import { expect, test } from 'vitest';
import { type DoubtPolicy, defaultStepPolicy } from '../../clients/runner/repeat-call.ts';
import type { StepApi } from '../../clients/runner/runner-api.ts';
import { waitFor } from '../../internal/dev/testing/wait-for.ts';
import { doubtingPolicy, quickPolicy, refusal } from '../life/fixtures/recording-runner-api.ts';
import { StepWriter } from './step-writer.ts';

const step = { taskToken: 't', id: 3 };
const attributes = { type: 'x', phase: 'y', name: 'z', command: '', insignificant: false };

/** A step API that records its calls. Each may be delayed or refused. */
function startStep(change: Partial<StepApi> = {}, policy: DoubtPolicy = quickPolicy) {
  const calls: string[] = [];
  const troubles: unknown[] = [];
  const api: StepApi = {
    start: async () => void calls.push('start'),
    output: async (_step, sequence, out) => void calls.push(`${sequence} ${Buffer.from(out).toString()}`),
    end: async (_step, result) => void calls.push(`end ${result}`),
    ...change,
  };
  const writer = new StepWriter(api, step, attributes, policy, (error) => troubles.push(error));
  return { calls, troubles, writer };
}

test('sends output in order, and all of it before the end', async () => {
  const { calls, writer } = startStep();
  writer.write('a');
  writer.write(Buffer.from('b'));
  await writer.end('success');
  writer.write('too late');
  await writer.end('failure');
  expect(calls).toEqual(['start', '0 ab', 'end success']);
});

test('sends output that is half a second old by itself', async () => {
  const { calls, writer } = startStep();
  writer.write('a');
  await waitFor('the output', () => calls.length > 1);
  expect(calls).toEqual(['start', '0 a']);
});

test('sends no more than 8 KiB in one call', async () => {
  const sizes: number[] = [];
  const { writer } = startStep({ output: async (_step, _sequence, out) => void sizes.push(out.length) });
  writer.write('x'.repeat(20_000));
  await writer.end('success');
  expect(sizes).toEqual([8192, 8192, 3616]);
});

test('if the API refuses, only output is lost', async () => {
  const { calls, troubles, writer } = startStep({ output: async () => Promise.reject(new Error('no')) });
  writer.write('a');
  await writer.end('success');
  expect(calls).toEqual(['start', 'end success']);
  expect(troubles).toHaveLength(1);
});

test('a step whose start fails is started before its next output, and nothing is lost', async () => {
  const answers = [503, 200];
  const { calls, troubles, writer } = startStep({
    start: async () => {
      const status = answers.shift() ?? 400;
      if (status !== 200) throw refusal(status);
    },
  });
  writer.write('a');
  writer.write('b');
  await writer.end('success');
  expect(answers).toEqual([]);
  expect(calls).toEqual(['0 ab', 'end success']);
  expect(troubles).toEqual([]);
});

test('output of a step that cannot be started is not sent: a 404 to it would say nothing about the task', async () => {
  const { calls, troubles, writer } = startStep({ start: async () => Promise.reject(refusal(403)) });
  writer.write('a');
  await writer.end('success');
  expect(calls).toEqual([]);
  expect(troubles).toHaveLength(2);
});

test('a step whose start is refused goes on if the answer to an earlier try was lost', async () => {
  const answers = [503, 400];
  const start = async () => Promise.reject(refusal(answers.shift() ?? 500));
  const { calls, troubles, writer } = startStep({ start });
  writer.write('a');
  await writer.end('success');
  expect(calls).toEqual(['0 a', 'end success']);
  expect(troubles).toEqual([]);
});

test('output is sent again if a load balancer without servers has answered', async () => {
  const sent: string[] = [];
  const { troubles, writer } = startStep(
    {
      output: async (_step, sequence, out) => {
        sent.push(`${sequence} ${out.length}`);
        if (sent.length < 3) throw refusal(404);
      },
    },
    doubtingPolicy,
  );
  writer.write('x'.repeat(10_000));
  await waitFor('the output', () => sent.length === 4);
  expect({ sent, troubles }).toEqual({ sent: ['0 8192', '0 8192', '0 8192', '1 1808'], troubles: [] });
});

test('nothing more is sent for a task that the API goes on not to know', async () => {
  const { calls, troubles, writer } = startStep({ output: async () => Promise.reject(refusal(404)) });
  writer.write('x'.repeat(20_000));
  await waitFor('the trouble', () => troubles.length > 0);
  await writer.end('success');
  expect(calls).toEqual(['start']);
  expect(troubles).toHaveLength(1);
});

test('a writer in a hurry does not wait for proof that the task is not known', async () => {
  const patient = { ...defaultStepPolicy, first: 3_600_000 };
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  const output = async () => {
    resolve();
    throw refusal(404);
  };
  const { calls, troubles, writer } = startStep({ output }, patient);
  writer.write('x'.repeat(20_000));
  await asked;
  writer.hurry();
  await writer.end('success');
  expect(calls).toEqual(['start']);
  expect(troubles).toHaveLength(1);
});

test('an API that hangs delays nobody, and takes only limited memory', async () => {
  const held = Promise.withResolvers<void>();
  const sent: string[] = [];
  const { calls, writer } = startStep({
    start: () => held.promise,
    output: async (_step, _sequence, out) => void sent.push(Buffer.from(out).toString()),
  });
  for (let count = 0; count < 300; count++) writer.write('x'.repeat(8000));
  held.resolve();
  await writer.end('failure');
  expect(sent.join('').length).toBeLessThan(1_100_000);
  expect(sent.join('')).toMatch(/\(\d+ bytes were left out/);
  expect(calls).toEqual(['end failure']);
});

test('a patient writer waits while much is unsent, or until its signal aborts', async () => {
  const held = Promise.withResolvers<void>();
  const { calls, writer } = startStep({ start: () => held.promise });
  const over = new AbortController();
  writer.write('x'.repeat(8000));
  await writer.room(over.signal);
  for (let count = 0; count < 100; count++) writer.write('x'.repeat(8000));
  const aborted = writer.room(over.signal);
  over.abort();
  await aborted;
  expect(calls).toEqual([]);
  const sent = writer.room(new AbortController().signal);
  held.resolve();
  await sent;
  expect(calls.join('').length).toBeGreaterThan(500_000);
});

test('nobody waits for the end of a step when this program ends', async () => {
  const { writer } = startStep({ end: () => new Promise(() => undefined) });
  await writer.end('failure', AbortSignal.abort(), 2 ** 30);
});

test('if the end takes too long, the running call is ended, and nothing more is sent', async () => {
  const { calls, writer } = startStep({
    output: (_step, sequence, _output, signal) =>
      new Promise((_, reject) => {
        calls.push(`${sequence} begins`);
        signal?.addEventListener('abort', () => {
          calls.push(`${sequence} is ended`);
          reject(new Error('ended'));
        });
      }),
  });
  writer.write('x'.repeat(20_000));
  await writer.end('failure', undefined, 1);
  await new Promise((resolve) => setImmediate(resolve));
  expect(calls).toEqual(['start', '0 begins', '0 is ended']);
});
