import { setTimeout as pause } from 'node:timers/promises';
import { delay } from '../../../delay.ts';
import { say } from '../screen.ts';

const intervalMs = 100;
/** As in examples/kubernetes/task.yaml: a job that takes all the CPU delays an answer, but must not be killed. */
const limitMs = 5000;

export interface Probes {
  /** The number of 200 answers of /live, and of other results. */
  answered: number;
  failed: number;
}

/**
 * Asks /live and /ready again and again, as the kubelet would, and prints changes.
 *
 * @param over aborts when the server has gone
 * @param onReady called when /ready answers 200 for the first time
 */
export async function probeHealth(address: string, over: AbortSignal, onReady: () => void): Promise<Probes> {
  const probes: Probes = { answered: 0, failed: 0 };
  const last = new Map<string, string>();
  for (;;) {
    for (const path of ['/live', '/ready']) {
      const answer = await ask(`http://${address}${path}`);
      if (!/^\d+$/.test(answer)) {
        // If the process has just ended, this is not a failure. Its end becomes known a little later.
        await delay(limitMs, over);
      }
      if (over.aborted) return probes;
      if (last.get(path) !== answer) {
        say('probe', `GET ${path}: ${answer}`);
        last.set(path, answer);
        if (path === '/ready' && answer === '200') onReady();
      }
      if (path === '/live') probes[answer === '200' ? 'answered' : 'failed']++;
    }
    await pause(intervalMs);
  }
}

async function ask(url: string): Promise<string> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(limitMs) });
    await response.text();
    return String(response.status);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
