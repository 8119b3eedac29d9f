import type { IncomingMessage } from 'node:http';
import * as z from 'zod/mini';
import type { AnswerScript } from '../answer-script.ts';
import { parseJson } from '../parse-json.ts';
import type { ProgrammedAnswer } from '../programmed-answer.ts';
import { type FakeCall, routes } from '../routes.ts';
import { submissionBody } from './request-bodies.ts';
import type { TaskQueue } from './task-queue.ts';

const calls = routes.map(({ call }) => call) as [FakeCall, ...FakeCall[]];

const programBody = z.strictObject({
  call: z.enum(calls),
  answers: z.array(z.looseObject({})),
  key: z.optional(z.string()),
});

/**
 * Submits, shows and cancels tasks, and programs answers, over HTTP:
 *
 *   POST   /dev/tasks       a TaskSubmission. The answer has the task
 *   GET    /dev/tasks       all tasks
 *   GET    /dev/tasks/ID    one task
 *   DELETE /dev/tasks/ID    cancels it
 *   PUT    /dev/answers     {"call","answers","key"?}: see AnswerScript
 *
 * @returns undefined if the request is for something else
 */
export function administer(
  { method, url = '' }: IncomingMessage,
  body: string,
  queue: TaskQueue,
  script: AnswerScript,
): ProgrammedAnswer | undefined {
  const [resource, id = ''] = /^\/dev\/(tasks|answers)(?:\/(.*))?$/.exec(url)?.slice(1) ?? [];
  if (resource === undefined) return undefined;
  const task = queue.of(id);
  switch (`${method} ${resource}${id && '/ID'}`) {
    case 'GET tasks':
      return answer(200, queue.tasks);
    case 'POST tasks': {
      const submission = submissionBody.safeParse(parseJson(body));
      if (!submission.success) return answer(400, { message: submission.error.message });
      return answer(201, queue.submit(submission.data));
    }
    case 'GET tasks/ID':
      return task ? answer(200, task) : { status: 404 };
    case 'DELETE tasks/ID':
      if (task) queue.cancel(id);
      return { status: task ? 204 : 404 };
    case 'PUT answers': {
      const program = programBody.safeParse(parseJson(body));
      if (!program.success) return answer(400, { message: program.error.message });
      script.program(program.data.call, program.data.answers, program.data.key);
      return { status: 204 };
    }
    default:
      return { status: 404 };
  }
}

function answer(status: number, body: unknown): ProgrammedAnswer {
  return { status, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
}
