import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { scratchFolder } from '../../internal/dev/testing/scratch-folder.ts';
import { Environment } from '../../internal/environment.ts';
import { check } from './check.ts';

async function checkText(
  text: string,
  { resourceClass, variables = {} }: { resourceClass?: string; variables?: Record<string, string> } = {},
) {
  const file = join(scratchFolder(), 'taskpods');
  writeFileSync(file, text);
  const images = ['cimg/go:1.26', 'cimg/redis:6'];
  const invocation = { command: 'check', file, images, resourceClass } as const;
  const { pods, warnings } = await check(invocation, Environment.fromObject(variables));
  return { text: pods, pods: parseAllDocuments(pods).map((document) => document.toJS()), warnings };
}

const twoClasses = `
resourceClasses:
  a.small: null
  a.large:
    spec: {containers: [{resources: {limits: {nvidia.com/gpu: 1}}}]}
`;

test('prints the Pod of each class', async () => {
  const { pods, text } = await checkText(twoClasses, { variables: { KUBE_NAMESPACE: 'ci' } });
  expect(text).toMatch(/^# a\.small\n/);
  expect(pods).toMatchObject([
    {
      kind: 'Pod',
      metadata: { namespace: 'ci', name: 'ccita-example-0-00000000' },
      spec: { containers: [{ image: 'cimg/go:1.26' }, {}, { image: 'cimg/redis:6' }] },
    },
    { spec: { containers: [{ resources: { limits: { 'nvidia.com/gpu': 1 } } }, {}, {}] } },
  ]);
});

test('notes what an operator might not expect of a class', async () => {
  const { text } = await checkText(twoClasses, { resourceClass: 'a/large' });
  expect(text).toMatch(/^# a\.large\n# the service cimg\/redis:6 asks for nvidia\.com\/gpu, too/);
});

test.each(['', 'agent: {resourceClasses: {a/b: {}}}'])('warns if there is no class: %j', async (text) => {
  const { pods, warnings } = await checkText(text);
  expect(pods).toEqual([]);
  expect(warnings.at(-1)).toMatch(
    /taskpods has no resource class; expected a task Pod configuration, or what/,
  );
});

test('warns of unknown keys', async () => {
  const { warnings } = await checkText('resourceClasses: {a.b: {specs: {}}}');
  expect(warnings).toEqual([expect.stringContaining('resourceClasses.a.b.specs')]);
});

test('lists the classes when it is asked for an unknown one', async () => {
  await expect(checkText(twoClasses, { resourceClass: 'a/medium' })).rejects.toThrow(
    /taskpods has no class a\/medium; it has a\.small, a\.large\.$/,
  );
});

test('names a missing file', async () => {
  const invocation = { command: 'check', file: '/no/such', images: ['a'], resourceClass: undefined } as const;
  await expect(check(invocation, Environment.fromObject({}))).rejects.toThrow(
    "The configuration cannot be read: ENOENT: no such file or directory, open '/no/such'.",
  );
});

test('the name of a class cannot end a comment', async () => {
  const { pods, text } = await checkText('resourceClasses: {"a.b\\n\\e[31mkind: Secret": {}}');
  expect(text).toContain('# a.b\\n\\u001b[31mkind: Secret\n');
  expect(pods).toMatchObject([{ kind: 'Pod' }]);
});
