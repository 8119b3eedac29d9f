import { expect, test } from 'vitest';
import { sendStatus } from '../../internal/dev/kubernetes-api/answers.ts';
import { waitFor } from '../../internal/dev/testing/wait-for.ts';
import { startInformer } from './fixtures/test-informer.ts';
import { podsPath } from './fixtures/test-kubernetes.ts';

test('knows the objects that exist, and their changes', async () => {
  const { api, informer, put, run, tells, told } = await startInformer();
  api.pageSize = 1;
  put('a');
  put('b');
  await run();
  expect([...informer.all()].map(({ metadata }) => metadata?.name)).toEqual(['a', 'b']);
  put('c');
  await tells('set c');
  put('a', { changed: true });
  await waitFor('the change', () => told.filter((text) => text === 'set a').length === 2);
  api.remove(podsPath, 'b');
  await tells('deleted b seen');
  expect(informer.get('a')).toMatchObject({ changed: true });
  expect(informer.get('b')).toBeUndefined();
});

test('keeps and reports only the extracted part of an object', async () => {
  const { api, informer, put, run, tells } = await startInformer();
  const told: unknown[] = [];
  informer.listen(({ object }) => told.push(object));
  const spec = { nodeName: 'node-1', containers: [] };
  put('listed', { spec });
  await run();
  put('watched', { spec, status: { phase: 'Pending' } });
  await tells('set watched');
  api.remove(podsPath, 'listed');
  await tells('deleted listed seen');
  expect(informer.get('watched')).toMatchObject({ status: { phase: 'Pending' } });
  expect(told).toHaveLength(3);
  for (const object of [...told, informer.get('watched')]) expect(object).not.toHaveProperty('spec');
});

test('reports changes of objects that are not to be kept, and keeps none', async () => {
  const { api, informer, put, run, tells, told } = await startInformer({ keeps: false });
  put('a');
  await run();
  put('b');
  await tells('set b');
  expect(told).toEqual(['set b']);
  expect([...informer.all()]).toEqual([]);
  api.remove(podsPath, 'a');
  await tells('deleted a seen');
});

test('a new object with the name of a deleted one is a different object', async () => {
  const { api, put, run, tells, told } = await startInformer();
  put('a');
  await run();
  api.intercept = (request, response) => {
    if (request.query.get('watch') !== 'true' || told.length > 1) return false;
    api.remove(podsPath, 'a');
    put('a');
    sendStatus(response, 410, 'Expired', 'too old');
    return true;
  };
  api.sendToWatches('', 'end');
  await tells('deleted a missed');
  await waitFor('the new one', () => told.at(-1) === 'set a');
});

test.each([5.5, {}, [['x']]])(
  'an object whose version is %j, and no text, keeps no other object from getting through',
  async (resourceVersion) => {
    const { api, put, run, tells } = await startInformer();
    api.intercept = ({ query }, response) => {
      if (query.get('watch') === null || /^\d+$/.test(query.get('resourceVersion') ?? '')) return false;
      sendStatus(response, 400, 'BadRequest', 'invalid resource version');
      return true;
    };
    await run();
    const odd = { type: 'ADDED', object: { metadata: { name: 'odd', resourceVersion } } };
    api.sendToWatches(`${JSON.stringify(odd)}\n`, 'end');
    await tells('set odd');
    put('even');
    await tells('set even');
  },
);

test('an error that a listener throws at one object is reported, and other objects still get through', async () => {
  const { informer, put, run, tells, troubles } = await startInformer();
  informer.listen(({ object }) => {
    if (object.metadata?.name === 'odd') throw new TypeError('status is no object');
  });
  put('odd');
  await run();
  put('a');
  await tells('set a');
  expect(troubles).toEqual([
    new Error('odd is not understood', { cause: new TypeError('status is no object') }),
  ]);
});
