import { expect, test } from 'vitest';
import { readResourceClasses } from '../classes/read-resource-classes.ts';
import { podOf, primaryOf, withSpec } from './fixtures/plans.ts';

test('an entrypoint from the image starts the orchestrator', () => {
  const env = [{ name: 'CIRCLECI_GOAT_ENTRYPOINT', value: 'tini,-g,--' }];
  expect(primaryOf(withSpec({ containers: [{ env }] }))?.command).toEqual([
    '/opt/circleci/bin/orchestrator',
    'override',
  ]);
});

test('the environment of the job comes from its Secret, and overrides that of the template', () => {
  const env = [
    { name: 'A', value: 'template' },
    { name: 'B', value: 'template' },
    { name: 'CIRCLECI_GOAT_CONFIG', value: 'x' },
  ];
  const sketch = {
    ...withSpec({ containers: [{ env }] }),
    docker: [{ image: 'x', environment: { A: 'secret' } }],
  };
  const fromSecret = (name: string, key: string) => ({
    name,
    valueFrom: { secretKeyRef: { name: 'ccita-1b1c-0-12345678', key } },
  });
  expect(primaryOf(sketch)?.env).toEqual([
    { name: 'B', value: 'template' },
    fromSecret('A', 'env.0.A'),
    fromSecret('CIRCLECI_GOAT_CONFIG', 'config'),
  ]);
  expect(JSON.stringify(podOf(sketch))).not.toContain('"secret"');
});

test('names that JavaScript uses itself are in the Pod like all others', () => {
  const { classes } = readResourceClasses(
    'resourceClasses: {a.b: {metadata: {labels: {__proto__: l}}, spec: {__proto__: {x: 1}, nodeSelector: {__proto__: n}}}}',
  );
  const environment = JSON.parse('{"__proto__": "job"}');
  const sketch = {
    resourceClass: classes.byDottedName.get('a.b') ?? {},
    docker: [{ image: 'x', environment }],
  };
  const pod = JSON.stringify(podOf(sketch));
  expect(pod).toContain('"labels":{"__proto__":"l",');
  expect(pod).toContain('"nodeSelector":{"__proto__":"n"}');
  expect(pod).toContain('"__proto__":{"x":1}');
  expect(pod).toContain('"name":"__proto__","valueFrom"');
});

test('a container with very many variables is built in time, with each of them once', () => {
  const names = Array.from({ length: 200_000 }, (_, n) => `V${n}`);
  const env = [...names, 'V7'].map((name) => ({ name, value: 'of the template' }));
  const environment = { JOB: 'of the job' };
  const sketch = { ...withSpec({ containers: [{ env }] }), docker: [{ image: 'x', environment }] };
  const variables = primaryOf(sketch)?.env?.map(({ name }) => name) ?? [];
  expect(variables).toHaveLength(names.length + 2);
  expect(new Set(variables).size).toBe(variables.length);
});
