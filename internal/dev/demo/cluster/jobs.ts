import { lastMessageIn } from '../../runner-api/received-requests.ts';
import type { Promises } from '../promises.ts';
import { demoImages } from './demo-images.ts';
import { calls, type FinishedJob, hasWholeStep } from './finished-job.ts';

/** The resource classes, with their entries in the task Pod configuration. */
export const resourceClasses = {
  'demo/small': classOf({}),
  // The job of this class is evicted when steps may have run.
  'demo/retried': { ...classOf({ CIRCLECI_GOAT_TERMINATION_GRACE_PERIOD: '1s' }), enableUnsafeRetries: true },
} as const;

/** A job of the demo: its submission, and its promises. */
export interface DemoJob {
  /** Also the id of its task. */
  readonly name: string;
  readonly resourceClass: keyof typeof resourceClasses;
  /** The task's configuration for the runner API's answer. */
  readonly configuration: object;
  /** The same for its first try, if that is to differ. */
  readonly firstConfiguration?: object;
  readonly promises: Promises<FinishedJob>;
}

/** The jobs of the demo. @param missingImage its registry says that there is no such image */
export function demoJobs(missingImage: string): readonly DemoJob[] {
  return [
    {
      name: 'plain',
      resourceClass: 'demo/small',
      configuration: { docker: [primary('success')] },
      promises: {
        'succeeded at once, and its runner was asked for nothing more': (job) =>
          job.task.state === 'succeeded' && calls(job) === 'task-configuration agent-success',
      },
    },
    {
      name: 'services',
      resourceClass: 'demo/small',
      configuration: {
        docker: [primary('success'), { image: demoImages.database }, { image: demoImages.cache }],
      },
      promises: {
        'succeeded, and the output of both services arrived whole, each as a step': (job) =>
          job.task.state === 'succeeded' &&
          hasWholeStep(job, demoImages.database, /^database: ready for connections\n/) &&
          hasWholeStep(job, demoImages.cache, /^cache: ready for connections\n/),
      },
    },
    {
      name: 'fails',
      resourceClass: 'demo/small',
      configuration: { docker: [primary('fail')] },
      promises: {
        'failed with the exit status and the last words of its agent': (job) =>
          job.task.state === 'failed' &&
          calls(job) === 'task-configuration fail' &&
          /exit status 3.*1 of 42 tests/s.test(lastMessageIn(job.requests)),
      },
    },
    {
      name: 'no-image',
      resourceClass: 'demo/small',
      configuration: { docker: [{ image: missingImage }] },
      promises: {
        'failed with the name of its image, which does not exist': (job) =>
          job.task.state === 'failed' &&
          calls(job) === 'task-configuration fail' &&
          lastMessageIn(job.requests).includes(missingImage),
      },
    },
    {
      name: 'evicted',
      resourceClass: 'demo/retried',
      configuration: { docker: [primary('success')] },
      firstConfiguration: { docker: [primary('evict')] },
      promises: {
        'was handed back when its Pod was evicted, and succeeded at the second try': (job) =>
          job.task.state === 'succeeded' &&
          calls(job) === 'task-configuration unclaim task-configuration agent-success',
      },
    },
  ];
}

/** A class of small Pods, for which this machine has room. */
function classOf(variables: Readonly<Record<string, string>>): object {
  const env = Object.entries(variables).map(([name, value]) => ({ name, value }));
  const resources = { requests: { cpu: '10m', memory: '32Mi' }, limits: { memory: '256Mi' } };
  return { spec: { containers: [{ env, resources }] } };
}

/** The primary container. The variable tells the sample agent what to do. */
function primary(agent: 'success' | 'fail' | 'evict'): object {
  return { image: demoImages.job, environment: { DEMO_AGENT: agent, DEMO_REPORTS: 'yes' } };
}
