import { expect, test } from 'vitest';
import { matchImage } from './image-match.ts';
import { readResourceClasses } from './read-resource-classes.ts';

/** Ten anchors, each ten times as large as the one before. */
const bomb = [
  'a: &a [x]',
  ...'bcdefghij'.split('').map((name, at) => {
    const before = `*${'abcdefghi'[at]}`;
    return `${name}: &${name} [${Array(10).fill(before).join(', ')}]`;
  }),
].join('\n');

const classOf = (yaml: string, name = 'a.b') => readResourceClasses(yaml).classes.byDottedName.get(name);

test('an empty file has no classes', () => {
  for (const yaml of ['', '---', '{}', '# nothing']) {
    expect(readResourceClasses(yaml)).toMatchObject({ classes: { byDottedName: new Map() }, warnings: [] });
  }
});

test('a class without content has an empty template', () => {
  expect(classOf('resourceClasses: {a.b: null}')).toMatchObject({
    metadata: {},
    spec: {},
    unsafeRetries: false,
  });
  expect(classOf('resourceClasses:\n  a.b:\n')).toMatchObject({ spec: {} });
});

test('the name of a class may be written with its slash', () => {
  expect(classOf('resourceClasses: {a/b: {enableUnsafeRetries: true}}')?.unsafeRetries).toBe(true);
});

test('a template is kept exactly as written', () => {
  const spec = {
    unknownField: [1, { x: null }],
    containers: [{ resources: { limits: { cpu: 1, memory: '1Gi' } } }],
  };
  expect(classOf(JSON.stringify({ resourceClasses: { 'a.b': { spec } } }))?.spec).toEqual(spec);
});

test('anchors and merges work as in Kubernetes’ own files', () => {
  const yaml = 'x: &x {nodeSelector: {a: b}}\nresourceClasses: {a.b: {spec: {<<: *x, priority: 1}}}';
  expect(classOf(yaml)?.spec).toEqual({ nodeSelector: { a: 'b' }, priority: 1 });
});

test('an anchor may be used for hundreds of classes', () => {
  const names = Array.from({ length: 500 }, (_, index) => `a.c${index}`);
  const yaml = `resourceClasses: {a.b: &it {spec: {hostNetwork: false}}, ${names.map((name) => `${name}: *it`).join(', ')}}`;
  expect(readResourceClasses(yaml).classes.byDottedName.size).toBe(501);
});

test('numbers have the same values as for kubectl and Helm', () => {
  const spec = '{mode: 0644, seconds: 1e+06, zero: 0, port: "0644"}';
  expect(classOf(`resourceClasses: {a.b: {spec: ${spec}}}`)?.spec).toEqual({
    mode: 0o644,
    seconds: 1_000_000,
    zero: 0,
    port: '0644',
  });
});

test.each([
  ['resourceClasses: [', /^it is not valid YAML: line 1, column \d+: /],
  ['a: 1\na: 2', /^it is not valid YAML: line 2, column 1: Map keys must be unique/],
  ['[]', /^it must be an object, but is an array\.$/],
  ['resourceClasses: []', /^resourceClasses must be an object, but is an array\.$/],
  ['resourceClasses: {a.b: 5}', /^resourceClasses\.a\.b must be an object, but is a number\.$/],
  ['resourceClasses: {a.b: {spec: x}}', /^resourceClasses\.a\.b\.spec must be an object, but is a string\.$/],
  [
    'resourceClasses: {a.b: {enableUnsafeRetries: "true"}}',
    /enableUnsafeRetries must be true or false, but is a string\.$/,
  ],
  [
    'resourceClasses: {a.b: {metadata: {annotations: {x: 1}}}}',
    /annotations\.x must be a string \(in quotes\), but is a number\.$/,
  ],
  [
    'resourceClasses: {a.b: {spec: {containers: {}}}}',
    /spec\.containers must be an array, but is an object\.$/,
  ],
  [
    'resourceClasses: {a.b: {spec: {volumes: {x: 1}}}}',
    /^resourceClasses\.a\.b\.spec\.volumes must be an array, but is an object\.$/,
  ],
  [
    'resourceClasses: {a.b: {spec: {containers: [{env: [A=1]}]}}}',
    /spec\.containers\[0\]\.env\[0\] must be an object, but is a string\.$/,
  ],
  [
    'resourceClasses: {a.b: {spec: {containers: [{resources: {limits: {cpu: 1x}}}]}}}',
    /^resourceClasses\.a\.b\.spec\.containers\[0\]\.resources\.limits\.cpu is not a quantity: expected for example/,
  ],
  [
    'runnerInitResources: {requests: {memory: many}}',
    /^runnerInitResources\.requests\.memory is not a quantity/,
  ],
  [
    'serviceContainers: {regex: {}}',
    /^serviceContainers\.regex is not a way to match images: expected exact, prefix, pattern, default\.$/,
  ],
  [
    'resourceClasses: {a.b: {serviceContainers: {pattern: {"a(?=b)": {}}}}}',
    /^resourceClasses\.a\.b\.serviceContainers\.pattern\.a\(\?=b\) is not a regular expression in Go's syntax: /,
  ],
  [
    'serviceContainers: {exact: {x: 1}}',
    /^serviceContainers\.exact\.x must be an object, but is a number\.$/,
  ],
  [
    'resourceClasses: {a.b: {spec: {containers: [null, {name: dind}]}}}',
    /^resourceClasses\.a\.b\.spec\.containers\[0\] must be an object, but is null\.$/,
  ],
  ['resourceClasses: {a.b: {token: *hush}}', /^an alias \(\*\) cannot be resolved: [^\n]*$/],
  ['resourceClasses: {a.b: {spec: &it {again: *it}}}', /^an alias \(\*\) cannot be resolved: /],
  ['resourceClasses: {a.b: {<<: 5}}', /^an alias \(\*\) cannot be resolved: /],
  [bomb, /^an alias \(\*\) cannot be resolved: /],
  ["resourceClasses: {a.b: {}}} hush'hush", /^it is not valid YAML: line 1, column 27: [^\n]*$/],
  [
    'resourceClasses: {a.b: {spec: {containers: [{volumeMounts: [{name: container-agent-logs-token}]}]}}}',
    /^resourceClasses\.a\.b\.spec\.containers\[0\]\.volumeMounts\[0\]\.name is container-agent-logs-token, a volume of the container runner itself\.$/,
  ],
  [
    'serviceContainers: {default: {volumeMounts: [{name: container-agent-bin}]}}',
    /^serviceContainers\.default\.volumeMounts\[0\]\.name is container-agent-bin, a volume/,
  ],
  [
    'resourceClasses: {a.b: {spec: {containers: [{name: container-0}, {name: container-1}]}}}',
    /^resourceClasses\.a\.b\.spec\.containers\[1\]\.name is container-1, a container of the container runner itself\.$/,
  ],
  [
    'resourceClasses: {a.b: {spec: {initContainers: [{name: container-agent-init}]}}}',
    /^resourceClasses\.a\.b\.spec\.initContainers\[0\]\.name is container-agent-init, a container/,
  ],
  [
    'resourceClasses: {a.b: {spec: {volumes: [{name: container-agent-services}]}}}',
    /^resourceClasses\.a\.b\.spec\.volumes\[0\]\.name is container-agent-services, a volume/,
  ],
])('%j is refused in one line that names the place', (yaml, message) => {
  expect(() => readResourceClasses(yaml)).toThrow(message);
  expect(() => readResourceClasses(yaml)).not.toThrow('hush');
});

test.each([1, 0.5, '500m', '1.5Gi', '1e3', '1E', '.5', '12Ki', '-1', '+2'])('%j is a quantity', (cpu) => {
  const yaml = JSON.stringify({ runnerInitResources: { limits: { cpu } } });
  expect(readResourceClasses(yaml).classes.initResources).toEqual({ limits: { cpu } });
});

test('unknown keys are reported, and nothing else is lost', () => {
  const { classes, warnings } = readResourceClasses('resourceClasses: {a.b: {specs: {}}}\nextra: 1');
  expect(classes.byDottedName.size).toBe(1);
  expect(warnings).toEqual([
    'extra is unknown here; expected resourceClasses, serviceContainers, runnerInitResources',
    'resourceClasses.a.b.specs is unknown here; expected metadata, spec, serviceContainers, enableUnsafeRetries, token',
  ]);
});

const global = `
serviceContainers:
  exact: {"cimg/redis:6": {id: global-exact}, both: {id: global-both}}
  prefix: {"cimg/": {id: global-prefix}}
  default: {id: global-default}
`;
const own = `
resourceClasses:
  a.b:
    serviceContainers:
      exact: {both: {id: own-both}}
      prefix: {"cimg/p": {id: short}, "cimg/postgres": {id: long}, "quay.io/": {id: own-prefix}}
      pattern: {"mysql:.*": {id: pattern}, "^x": {id: first}, "xy": {id: second}, "(a+)+$": {id: hostile}}
`;

test.each([
  ['cimg/redis:6', 'global-exact', 'global', 'exact'],
  ['both', 'own-both', 'resource-class', 'exact'],
  ['cimg/postgres:16', 'long', 'resource-class', 'prefix'],
  ['cimg/php', 'short', 'resource-class', 'prefix'],
  ['cimg/mysql:8', 'global-prefix', 'global', 'prefix'],
  ['docker.io/mysql:8', 'pattern', 'resource-class', 'pattern'],
  ['xyz', 'first', 'resource-class', 'pattern'],
  ['axyz', 'second', 'resource-class', 'pattern'],
  ['mongo:5', 'global-default', 'global', 'default'],
])('the image %s gets the spec %s', (image, id, selectionScope, imageMatchType) => {
  const { classes } = readResourceClasses(global + own);
  const match = matchImage(
    image,
    classes.byDottedName.get('a.b')?.services ?? classes.services,
    classes.services,
  );
  expect(match).toEqual({ spec: { id }, origin: { selectionScope, imageMatchType } });
});

test('an image that no rule matches gets nothing', () => {
  const { services } = readResourceClasses('').classes;
  expect(matchImage('x', services, services)).toBeUndefined();
});

test('a hostile pattern takes linear time', () => {
  const { classes } = readResourceClasses(own);
  const services = classes.byDottedName.get('a.b')?.services ?? classes.services;
  expect(matchImage(`${'a'.repeat(50_000)}!`, services, classes.services)).toBeUndefined();
});

test('impossible names of classes are warnings', () => {
  const { warnings } = readResourceClasses('resourceClasses: {a/b: {}, small: {}, a.b: {}}');
  expect(warnings).toEqual([
    'resourceClasses.small has no namespace; expected namespace/name',
    'resourceClasses.a/b is ignored; a.b is the same class',
  ]);
});
