import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { overrideOptions } from '../../../cmd/orchestrator/options.ts';
import { variables } from '../../../runner/settings/controller-settings.ts';
import { readinessTimeoutMs } from '../../../task/readiness-file.ts';
import { repository } from '../../packer/repository.ts';

/** A Pod of a job with a service and an empty class, exactly as `runner/pod` makes it. */
const { spec } = parse(read('runner/pod/golden/services.yaml'));
const [init] = spec.initContainers;
const [primary, logs] = spec.containers;
const pods = read('docs/container-runner/pods.md');

test('the port for health checks is the same in both programs, in manifests, and on every page', () => {
  const [port] = /\d+$/.exec(overrideOptions.healthCheckAddr.default) ?? [];
  expect(variables.RUNNER_HEALTH_ADDR.default).toBe(`:${port}`);
  expect([primary.livenessProbe.httpGet.port, primary.ports[0].containerPort]).toEqual([
    Number(port),
    Number(port),
  ]);
  const files = globSync(['README.md', 'docs/**/*.md', 'examples/**/*.yaml'], { cwd: repository });
  const found = files.flatMap((file) => read(file).match(/(?<![\d.])76\d\d(?!\d)/g) ?? []);
  expect(found.length).toBeGreaterThan(15);
  expect(new Set(found)).toEqual(new Set([port]));
});

test.each<[string, string]>([
  ['the grace period', `${spec.terminationGracePeriodSeconds} s with its defaults`],
  [
    'the liveness probe',
    `every ${primary.livenessProbe.periodSeconds} s, with ${primary.livenessProbe.timeoutSeconds} s for an answer and ${primary.livenessProbe.failureThreshold} failures in a row`,
  ],
  [
    'the resources of the logging container',
    `requests ${amounts(logs.resources.requests)}, and its limits are ${amounts(logs.resources.limits)}`,
  ],
])('docs/container-runner/pods.md has %s of a Pod', (_what, words) => {
  expect(pods.replace(/\s+/g, ' ')).toContain(words);
});

test('docs/container-runner/configuration.md has the resources of the init container', () => {
  const { limits, requests } = init.resources;
  expect(read('docs/container-runner/configuration.md')).toContain(
    `absent: ${amounts(requests)}, limits ${amounts(limits)}`,
  );
});

test('docs/orchestrator have the wait for the readiness file', () => {
  const words = `${readinessTimeoutMs / 60_000} minutes`;
  for (const page of ['configuration', 'failures-and-messages'])
    expect(read(`docs/orchestrator/${page}.md`)).toContain(words);
});

function amounts({ cpu, memory }: { readonly cpu: string; readonly memory: string }): string {
  return `${cpu} and ${memory}`;
}

function read(file: string): string {
  return readFileSync(join(repository, file), 'utf8');
}
