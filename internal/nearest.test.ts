import { expect, test } from 'vitest';
import { nearestOf } from './nearest.ts';

const known = [
  'cmd',
  'user',
  'task_id',
  'task_agent_path',
  'task_agent_user',
  'runner_api_base_url',
  'override',
  'run-task',
];

test.each([
  ['taskAgentPath', 'task_agent_path'],
  ['TASK_ID', 'task_id'],
  ['taks_id', 'task_id'],
  ['runner_api_base_uri', 'runner_api_base_url'],
  ['overide', 'override'],
  ['runtask', 'run-task'],
  ['usr', 'user'],
  ['usre', 'user'],
  ['uesr', 'user'],
  ['ures', undefined],
  ['runner_api', 'runner_api_base_url'],
  ['over', 'override'],
  ['task_agent', undefined],
  ['run', undefined],
  ['Cmd', 'cmd'],
  ['task_id', undefined],
  ['unknown', undefined],
  ['x', undefined],
  ['id', undefined],
  ['', undefined],
])('%j means %j', (word, meant) => {
  expect(nearestOf(word, known)).toBe(meant);
});
