import { callsIn, lastMessageIn } from '../../runner-api/received-requests.ts';
import type { Promises } from '../promises.ts';
import { agentStarted, numberIn, type Recording } from './recording.ts';

/** One of the demo's outcomes: the settings that lead to it, and the promises to check. */
export interface Scenario {
  readonly title: string;
  /** The sample agent's DEMO_AGENT. */
  readonly agent: string;
  /** Whether the container has a custom entrypoint. */
  readonly override?: boolean;
  /** Fields of the configuration beside the usual ones. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly flags?: readonly string[];
  /** A line of the agent after which the Pod is evicted. */
  readonly evictAfter?: RegExp;
  readonly promises: Promises<Recording>;
}

/** The helpers of the sample agent and its daemon. */
const orphans = 21;
export const reaped = / orphans\.reaped=(\d+)/;
export const defunct = /, (\d+) of them defunct/;

const endsWell: Promises<Recording> = {
  'every orphan was reaped, the daemon included': (seen) => numberIn(seen, reaped) === orphans,
  'the runner API was not called: there is nothing to report': (seen) => calls(seen) === '',
};

export const scenarios: Readonly<Record<string, Scenario>> = {
  success: { title: 'A task that ends well', agent: 'success', promises: endsWell },
  fail: {
    title: 'A task whose agent fails',
    agent: 'fail',
    promises: {
      'the failure was reported, with the exit status and the last of stderr': (seen) =>
        calls(seen) === 'fail' && /exit status 3.*1 of 42 tests/s.test(lastMessageIn(seen.requests)),
    },
  },
  retry: {
    title: 'A task whose agent is killed, and that may be tried again (enable_unsafe_retries)',
    agent: 'retry',
    config: { enable_unsafe_retries: true },
    promises: {
      'the task was handed back, and not reported as failed': (seen) => calls(seen) === 'unclaim',
    },
  },
  evict: {
    title: 'A task whose Pod is evicted, and that does not stop by itself',
    agent: 'evict',
    flags: ['--termination-grace-period=1s'],
    evictAfter: /ignore SIGTERM/,
    promises: {
      'the interruption was reported once the task was gone, naming the signal': (seen) =>
        calls(seen) === 'fail' &&
        /after SIGTERM was over, and was interrupted/.test(lastMessageIn(seen.requests)),
    },
  },
  override: {
    title: 'A task in a container with an entrypoint of its own',
    agent: 'success',
    override: true,
    promises: {
      'the entrypoint and the orchestrator after it were the same process': (seen) => {
        const entrypoint = numberIn(seen, /^prepares the container as PID (\d+)/);
        return entrypoint !== undefined && entrypoint === numberIn(seen, agentStarted);
      },
      ...endsWell,
    },
  },
};

/** The promises of every scenario. */
export const commonPromises: Promises<Recording> = {
  '/live answered 200 all the time, and /ready once the task could start': ({ probes, readyAt }) =>
    probes.answered > 0 && probes.failed === 0 && readyAt !== undefined,
  'no orphan was defunct while the task ran': (seen) => numberIn(seen, defunct) === 0,
  'the exit code is 0, as the outcome was dealt with': ({ exitCode }) => exitCode === 0,
};

function calls({ requests }: Recording): string {
  return callsIn(requests).join(' ');
}
