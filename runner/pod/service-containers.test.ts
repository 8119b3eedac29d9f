import type { Container, Pod } from 'kubernetes-types/core/v1.d.ts';
import { expect, test } from 'vitest';
import { readResourceClasses } from '../classes/read-resource-classes.ts';
import { buildPod } from './build-pod.ts';
import { containerOf, podOf, services, sketchPlan, withSpec } from './fixtures/plans.ts';

/** The container of a service. @param index the number of the service in the job */
function serviceOf({ spec }: Pod, index: number): Container | undefined {
  return spec?.containers.find(({ name }) => name === `container-${index}`);
}

test('services get the specs of their rules, and annotations that name the rules', () => {
  const { classes } = readResourceClasses(`
serviceContainers: {exact: {"cimg/redis:6": {resources: {requests: {cpu: "0.5", memory: 200Mi}}}}}
resourceClasses:
  my-namespace.my-class:
    serviceContainers:
      exact: {"cimg/postgres:16": {resources: {requests: {cpu: 1, memory: 500Mi}}}}
      prefix: {"cimg/postgres": {resources: {requests: {cpu: 0.7, memory: 250Mi}}}}
      pattern: {"cimg/mysql:.*": {resources: {requests: {cpu: 0.6, memory: 300Mi}}}}
      default: {resources: {requests: {cpu: 0.4, memory: 150Mi}}}
`);
  const images = ['base:current', 'redis:6', 'postgres:16', 'mysql:8', 'mongo:5'];
  const pod = podOf({
    docker: images.map((image) => ({ image: `cimg/${image}` })),
    resourceClass: classes.byDottedName.get('my-namespace.my-class') ?? {},
    settings: { globalServices: classes.services },
  });
  const requests = [1, 2, 3, 4].map((index) => serviceOf(pod, index)?.resources?.requests);
  expect(requests).toEqual([
    { cpu: '0.5', memory: '200Mi' },
    { cpu: 1, memory: '500Mi' },
    { cpu: 0.6, memory: '300Mi' },
    { cpu: 0.4, memory: '150Mi' },
  ]);
  const notes = pod.metadata?.annotations ?? {};
  expect([1, 2, 3, 4].map((index) => notes[`app.circleci.com/container-spec-secondary-${index}`])).toEqual([
    '{"selectionScope":"global","imageMatchType":"exact"}',
    '{"selectionScope":"resource-class","imageMatchType":"exact"}',
    '{"selectionScope":"resource-class","imageMatchType":"pattern"}',
    '{"selectionScope":"resource-class","imageMatchType":"default"}',
  ]);
});

test('a service that no rule matches gets the spec of the primary, and a note if that requests devices', () => {
  const spec = { containers: [{ resources: { limits: { 'example.com/gpu': 1 } }, command: ['x'] }] };
  const { notes, pod } = buildPod(sketchPlan({ ...withSpec(spec), docker: services }));
  const service = serviceOf(pod as unknown as Pod, 1);
  expect(service).toMatchObject({
    name: 'container-1',
    image: 'cimg/redis:6',
    resources: { limits: { 'example.com/gpu': 1 } },
  });
  expect(service?.command).toBeUndefined();
  expect((pod as unknown as Pod).metadata?.annotations).not.toHaveProperty(
    'app.circleci.com/container-spec-secondary-1',
  );
  expect(notes).toEqual([expect.stringContaining('cimg/redis:6 asks for example.com/gpu')]);
});

test.each([
  ['1000', { runAsUser: 1000 }, []],
  ['1000:2000', { runAsUser: 1000, runAsGroup: 2000 }, []],
  ['postgres', undefined, [expect.stringContaining('not as postgres')]],
])('a service runs as the user %s as far as Kubernetes can', (user, securityContext, expected) => {
  const { notes, pod } = buildPod(sketchPlan({ docker: [{ image: 'x' }, { image: 'y', user }] }));
  expect(serviceOf(pod as unknown as Pod, 1)?.securityContext).toEqual(securityContext);
  expect(notes).toEqual(expected);
});

test('a service gets the exact entrypoint and command of the job', () => {
  const docker = [{ image: 'x' }, { image: 'y', entrypoint: 'a', command: ['b', '$(HOME) $$ $1'] }];
  expect(containerOf('container-1', { docker })).toMatchObject({
    command: ['a'],
    args: ['b', '$$(HOME) $$$$ $$1'],
  });
});

test('a rule sets the program of a service if the job does not', () => {
  const { classes } = readResourceClasses(
    'serviceContainers: {default: {command: [db], args: [--fast], workingDir: /db}}',
  );
  const settings = { globalServices: classes.services };
  const program = (entry: object) => {
    const docker = [{ image: 'x' }, { image: 'y', ...entry }];
    const { args, command, workingDir } = containerOf('container-1', { docker, settings }) ?? {};
    return { args, command, workingDir };
  };
  expect(program({})).toEqual({ command: ['db'], args: ['--fast'], workingDir: '/db' });
  expect(program({ command: 'x' })).toEqual({ command: undefined, args: ['x'], workingDir: '/db' });
});
