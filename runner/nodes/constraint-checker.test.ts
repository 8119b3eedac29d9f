import type { Node } from 'kubernetes-types/core/v1.d.ts';
import { expect, test } from 'vitest';
import { KubernetesError } from '../../clients/kubernetes/kubernetes-error.ts';
import { emptyClass } from '../classes/resource-classes.ts';
import { ConstraintChecker } from './constraint-checker.ts';

const ssd: Node = { metadata: { name: 'a', labels: { disk: 'ssd' } } };

/** A checker of two classes, one of which needs an SSD, and a record of its actions. */
function startChecker(threshold: number) {
  const paused = new Set<string>();
  const lines: string[] = [];
  const log = (message: string) => void lines.push(message);
  let answer: () => Node[] = () => [];
  const checker = new ConstraintChecker({
    nodes: { refresh: async () => answer() },
    classes: () =>
      new Map([
        ['a.any', emptyClass],
        ['a.ssd', { ...emptyClass, spec: { nodeSelector: { disk: 'ssd' } } }],
      ]),
    threshold,
    pause: (name) => {
      paused.add(name);
      return () => void paused.delete(name);
    },
    onChecked: () => undefined,
    logger: { debug: log, info: log, warn: log, error: log },
  });
  const check = (nodes: () => Node[]) => {
    answer = nodes;
    return checker.checkOnce(new AbortController().signal);
  };
  return { check, lines, paused };
}

const other: Node = { metadata: { name: 'b' } };

test('a class that fits no node stops claiming after enough failed checks, until one passes', async () => {
  const { check, paused } = startChecker(2);
  await check(() => [other]);
  expect([...paused]).toEqual([]);
  await check(() => [other]);
  expect([...paused]).toEqual(['a.ssd']);
  await check(() => [other]);
  await check(() => [other, ssd]);
  expect([...paused]).toEqual([]);
  await check(() => [other]);
  expect([...paused]).toEqual([]);
});

test('an API server that is away says nothing about a class', async () => {
  const { check, lines, paused } = startChecker(1);
  await check(() => [other]);
  const away = () => {
    throw new Error('no answer');
  };
  await check(away);
  expect([...paused]).toEqual(['a.ssd']);
  expect(lines.at(-1)).toBe('resource classes could not be checked against nodes');
});

const denied = () => {
  throw new KubernetesError('nodes is forbidden', { status: 403 });
};

test('a stopped class claims while the right to check it is gone', async () => {
  const { check, lines, paused } = startChecker(2);
  for (let count = 0; count < 2; count++) await check(() => [other]);
  expect([...paused]).toEqual(['a.ssd']);
  await check(denied);
  expect([...paused]).toEqual(['a.ssd']);
  await check(denied);
  expect([...paused]).toEqual([]);
  expect(lines.at(-1)).toBe(
    'resource classes are not checked against nodes: the controller may not list nodes',
  );
  await check(() => [other]);
  expect([...paused]).toEqual(['a.ssd']);
});

test('a refusal between two answers, as by an API server that starts, says nothing about a class', async () => {
  const { check, lines, paused } = startChecker(1);
  for (let count = 0; count < 2; count++) {
    await check(() => [other]);
    await check(denied);
    expect([...paused]).toEqual(['a.ssd']);
    expect(lines.at(-1)).toBe('resource classes could not be checked against nodes');
  }
});

test('classes are checked again after a refusal, as it may pass', async () => {
  const end = new AbortController();
  let refusals = 0;
  const log = () => undefined;
  const checker = new ConstraintChecker({
    nodes: {
      refresh: async () => {
        if (++refusals === 3) end.abort();
        return denied();
      },
    },
    classes: () => new Map(),
    threshold: 1,
    pause: () => () => undefined,
    onChecked: () => undefined,
    logger: { debug: log, info: log, warn: log, error: log },
  });
  await checker.run(1, end.signal);
  expect(refusals).toBe(3);
});
