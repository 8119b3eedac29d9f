import { randomInt } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { StoredObject } from '../../internal/dev/kubernetes-api/object-store.ts';
import { parseJson } from '../../internal/dev/runner-api/parse-json.ts';
import {
  type ControllerApis,
  collection,
  controllerUrl,
  startControllerApis,
} from '../../internal/dev/testing/start-controller.ts';
import { untilTestEnds } from '../../internal/dev/testing/until-test-ends.ts';
import { waitFor } from '../../internal/dev/testing/wait-for.ts';

/* An API server, or a proxy before it, with wrong values anywhere in its answers. */

type Random = () => number;

/** Numbers from 0 up to 1, the same for the same seed: mulberry32. */
function seededRandom(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const oddValues = [
  null,
  true,
  -1,
  1e300,
  'text',
  '__proto__',
  'a\u0000\u001b[31m\u009b\n',
  'x'.repeat(100_000),
  [],
  {},
  [null],
  [{ name: 5 }],
  { metadata: null },
];

/** The value with one part replaced or removed. */
function mutate(value: unknown, random: Random): unknown {
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)];
  const keys = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  const key = pick(keys);
  if (key === undefined || random() < 0.15) return pick(oddValues);
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string, unknown>;
  if (random() < 0.1) delete copy[key];
  else copy[key] = mutate(copy[key], random);
  return copy;
}

/** Makes the API server send mutated answers now and then, until that is stopped. */
function mutateAnswers({ kubernetes }: ControllerApis, random: Random) {
  const told = { isOn: true, mutations: 0 };
  const change = (text: unknown) => {
    const json = typeof text === 'string' ? parseJson(text) : undefined;
    if (!told.isOn || json === undefined || random() > 0.3) return text;
    told.mutations++;
    return `${JSON.stringify(mutate(json, random))}\n`;
  };
  kubernetes.intercept = (_request, response: ServerResponse) => {
    const { end, write } = response;
    response.end = ((text: unknown) => end.call(response, change(text), 'utf8')) as typeof end;
    response.write = ((text: unknown) => write.call(response, change(text), 'utf8')) as typeof write;
    return false;
  };
  return told;
}

/** Advances every Pod like a kubelet: it waits, runs, and succeeds. */
function moveOn({ kubernetes }: ControllerApis, steps: Map<string, number>): void {
  for (const name of kubernetes.names(collection('pods'))) {
    const pod = kubernetes.get(collection('pods'), name) as StoredObject & { readonly spec?: object };
    const step = (steps.get(name) ?? 0) + 1;
    steps.set(name, step);
    if (step > 9) continue;
    const startedAt = new Date().toISOString();
    const state =
      step > 6
        ? { terminated: { exitCode: 0, startedAt } }
        : step > 3
          ? { running: { startedAt } }
          : { waiting: { reason: 'ContainerCreating' } };
    const status = {
      phase: step > 6 ? 'Succeeded' : 'Running',
      containerStatuses: [{ name: 'container-0', state }],
    };
    kubernetes.put(collection('pods'), { ...pod, ...{ spec: { ...pod.spec, nodeName: 'node' }, status } });
  }
}

test('an API server that sends nonsense for a while fails single tasks, but ends no controller and shows no secret', {
  timeout: 300_000,
  tags: ['not-emulated/many-tasks'],
}, async () => {
  const seed = randomInt(2 ** 31);
  console.log(`seed ${seed}`);
  const apis = untilTestEnds(await startControllerApis());
  const run = untilTestEnds(
    await apis.start({
      KUBE_GC_INTERVAL: '2s',
      KUBE_AUTODETECT_PLATFORM: 'false',
      RUNNER_CREATE_TIMEOUT: '10s',
      O11Y_LEVEL: 'debug',
    }),
  );
  const url = await controllerUrl(run);
  const isReady = async () => (await fetch(`${url}/ready`)).status === 200;
  await waitFor('the controller to be ready', isReady);
  const submit = () => {
    const configuration = { docker: [{ image: 'a', environment: { KEY: 'value-of-the-job' } }] };
    return apis.submit(configuration);
  };
  const told = mutateAnswers(apis, seededRandom(seed));
  const steps = new Map<string, number>();
  const tasks = Array.from({ length: 40 }, submit);
  let hasEnded = false;
  void run.exited.then(() => {
    hasEnded = true;
  });
  while (told.mutations < 60 && !hasEnded) {
    if (apis.kubernetes.names(collection('pods')).length < 5) tasks.push(submit());
    moveOn(apis, steps);
    await pause(50);
  }
  told.isOn = false;
  const isOver = () => {
    moveOn(apis, steps);
    const left = apis.kubernetes.names(collection('secrets')).length - 1;
    return tasks.every(({ state }) => state !== 'queued') && left === 0;
  };
  await waitFor(`all tasks to end (seed ${seed})`, isOver, { everyMs: 50, limitMs: 180_000 });
  await waitFor('the controller to be ready again', isReady);
  const tokens = tasks.flatMap(({ claims }) => claims.map(({ token }) => token));
  const output = run.stdout.text + run.stderr.text;
  for (const secret of [...Object.values(apis.tokens), 'value-of-the-job', ...tokens])
    expect(output).not.toContain(secret);
  expect(run.stderr.text).toBe('');
  const lines = run.stdout.text.split('\n').filter((line) => line !== '');
  expect(lines.filter((line) => parseJson(line) === undefined)).toEqual([]);
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(10_000);
});
