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
  expect(await check(away)).toBe(true);
  expect([...paused]).toEqual(['a.ssd']);
  expect(lines.at(-1)).toBe('resource classes could not be checked against nodes');
});

const denied = () => {
  throw new KubernetesError('nodes is forbidden', { status: 403 });
};

test('a stopped class claims again when the right to check it is gone', async () => {
  const { check, paused } = startChecker(1);
  await check(() => [other]);
  expect([...paused]).toEqual(['a.ssd']);
  expect(await check(denied)).toBe(false);
  expect([...paused]).toEqual([]);
});

test('without the right to list nodes, checking ends', async () => {
  const { check, lines, paused } = startChecker(1);
  expect(await check(denied)).toBe(false);
  expect([...paused]).toEqual([]);
  expect(lines).toEqual([
    'resource classes are not checked against nodes: the controller may not list nodes',
  ]);
});
