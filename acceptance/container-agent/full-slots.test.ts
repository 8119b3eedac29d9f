import { expect, test } from 'vitest';
import {
  collection,
  controllerUrl,
  names,
  startControllerApis,
  tokens,
} from '../../internal/dev/testing/start-controller.ts';
import { untilTestEnds } from '../../internal/dev/testing/until-test-ends.ts';
import { waitFor } from '../../internal/dev/testing/wait-for.ts';
import { ask } from './test-apis.ts';

const encoded = (token: string) => Buffer.from(token).toString('base64');
const otherClass = 'my-namespace.other';

const refused = {
  before: 'the runner API refuses its token',
  whenFull: 'the runner API refuses its token',
};

test.each([
  { what: 'a failed claim does not count', status: 503, before: 'the runner API fails', whenFull: undefined },
  { what: 'a refused token counts', status: 401, ...refused },
])('while tasks take all slots, $what', async ({ status, before, whenFull }) => {
  const apis = untilTestEnds(
    await startControllerApis({
      intercept: async ({ call, headers }) =>
        call === 'claim' && headers.authorization?.includes('other-token') ? { status } : undefined,
    }),
  );
  const { kubernetes, submit } = apis;
  const data = {
    [names.resourceClass.replace('/', '.')]: encoded(tokens.ofClass),
    [otherClass]: encoded('other-token'),
  };
  kubernetes.put(collection('secrets'), { metadata: { name: 'tokens' }, ...{ data } });
  const url = await controllerUrl(untilTestEnds(await apis.start({ MAX_CONCURRENT_TASKS: '1' })));
  const obstacle = async () =>
    JSON.parse((await ask(url, '/ready')).text).failures?.[`claims of ${otherClass}`];
  await waitFor('the failure', async () => (await obstacle()) === before);
  submit({ docker: [{ image: 'cimg/base:current' }] });
  await waitFor('the Pod', () => kubernetes.names(collection('pods')).length > 0);
  expect(await obstacle()).toBe(whenFull);
  const { text } = await ask(url, '/metrics');
  expect(text).toContain(
    `resource_class_ready{resource_class="${otherClass}"} ${whenFull === undefined ? 1 : 0}`,
  );
  expect((await ask(url, '/ready')).status).toBe(200);
});
