import { expect, test } from 'vitest';
import { readTaskPodFile } from './read-task-pod-file.ts';

const configuration = 'resourceClasses:\n  a.b: {enableUnsafeRetries: true}\n';
const classesOf = (text: string) => [...readTaskPodFile(text, 'taskpods').classes.byDottedName.keys()];

test('reads a configuration', () => {
  expect(classesOf(configuration)).toEqual(['a.b']);
});

test('finds the configuration among the manifests that helm prints', () => {
  const manifests = [
    '# Source: secrets.yaml\napiVersion: v1\nkind: Secret\nmetadata: {name: a}',
    'kind: ConfigMap\ndata: {other: x}',
    `kind: ConfigMap\ndata:\n  taskpods: |\n${configuration.replace(/^/gm, '    ')}`,
  ];
  expect(classesOf(manifests.join('\n---\n'))).toEqual(['a.b']);
});

test('the message about a mistake names the file', () => {
  expect(() => readTaskPodFile('resourceClasses: {a.b: {spec: 1}}', '/etc/taskpods')).toThrow(
    'The task Pod configuration /etc/taskpods cannot be used: resourceClasses.a.b.spec must be an object, but is a number.',
  );
  expect(() => readTaskPodFile('a: [', 'taskpods')).toThrow(
    'The task Pod configuration taskpods cannot be used: it is not valid YAML: line 1, column 5:',
  );
});
