import type * as z from 'zod/mini';
import type { ProgrammedAnswer } from '../programmed-answer.ts';
import type { ReceivedRequest } from '../received-requests.ts';
import type { FakeCall } from '../routes.ts';
import {
  claimBody,
  failBody,
  stepEndBody,
  stepOutputBody,
  stepStartBody,
  unclaimBody,
} from './request-bodies.ts';
import type { StepRecord } from './step-record.ts';
import type { TaskQueue } from './task-queue.ts';

/** Answers a call like a runner API with these tasks. */
export function answerFromQueue(request: ReceivedRequest, queue: TaskQueue): ProgrammedAnswer {
  const { call, token } = request;
  if (call === undefined) return notFound;
  if (token === undefined) return { status: 401 };
  return answers[call]({ queue, token, request });
}

interface Asked {
  readonly queue: TaskQueue;
  readonly token: string;
  readonly request: ReceivedRequest;
}

const notFound: ProgrammedAnswer = { status: 404 };

const answers: Readonly<Record<FakeCall, (asked: Asked) => ProgrammedAnswer>> = {
  claim: answerClaim,
  'task-configuration': ({ queue, token }) => {
    const configuration = queue.configurationOf(token);
    return configuration === undefined ? notFound : json(configuration);
  },
  unclaim: (asked) =>
    withBody(asked, unclaimBody, ({ task_id: taskId, task_token: token }) => {
      const statuses = { queued: 200, 'used-up': 409, unknown: 404 } as const;
      return { status: statuses[asked.queue.handBack(token, taskId)] };
    }),
  fail: (asked) =>
    withBody(asked, failBody, ({ allocation, message }) =>
      accepted(asked.queue.fail(asked.token, allocation, decode(message).toString('utf8'))),
    ),
  'step-start': (asked) =>
    withBody(asked, stepStartBody, ({ attributes, step }) =>
      change(asked, step.step_id, (record) => {
        record.attributes = attributes;
      }),
    ),
  'step-output': (asked) =>
    withBody(asked, stepOutputBody, ({ out, step }) =>
      change(asked, step.step_id, (record) => record.write(step.sequence_number, decode(out))),
    ),
  'step-end': (asked) =>
    withBody(asked, stepEndBody, ({ attributes, step }) =>
      change(asked, step.step_id, (record) => {
        record.end = attributes;
      }),
    ),
  'agent-success': ({ queue, token }) => accepted(queue.succeed(token)),
  runners: ({ queue, request }) => json({ items: queue.runners(classOf(request)) }),
  'unclaimed-tasks': (asked) => json({ unclaimed_task_count: countTasks(asked, 'queued') }),
  'running-tasks': (asked) => json({ running_runner_tasks: countTasks(asked, 'claimed') }),
};

function answerClaim(asked: Asked): ProgrammedAnswer {
  return withBody(asked, claimBody, (runner) => {
    const claim = asked.queue.claim(asked.token, runner);
    if (claim === undefined) return { status: 401 };
    const { task } = claim;
    if (task === undefined) return { status: 204 };
    const { allocation, resourceClass, token, warning } = task;
    return json({
      task_token: token,
      allocation,
      resource_class: resourceClass,
      agent_version: '1.0.0',
      is_enterprise: false,
      warning,
    });
  });
}

function withBody<T extends z.core.$ZodType>(
  { request }: Asked,
  schema: T & { safeParse(value: unknown): z.core.util.SafeParseResult<z.infer<T>> },
  answer: (body: z.infer<T>) => ProgrammedAnswer,
): ProgrammedAnswer {
  const parsed = schema.safeParse(request.json);
  return parsed.success ? answer(parsed.data) : json({ message: parsed.error.message }, 400);
}

function change({ queue, token }: Asked, id: number, alter: (step: StepRecord) => void): ProgrammedAnswer {
  const step = queue.step(token, id);
  if (step !== undefined) alter(step);
  return accepted(step !== undefined);
}

function accepted(known: boolean): ProgrammedAnswer {
  return known ? {} : notFound;
}

function countTasks({ queue, request }: Asked, wanted: 'queued' | 'claimed'): number {
  const resourceClass = classOf(request);
  return queue.tasks.filter((task) => task.state === wanted && task.resourceClass === resourceClass).length;
}

function classOf({ path }: ReceivedRequest): string {
  return new URL(path, 'http://runner').searchParams.get('resource-class') ?? '';
}

function decode(text: string): Buffer {
  return Buffer.from(text, 'base64');
}

function json(body: object, status = 200): ProgrammedAnswer {
  return { status, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
}
