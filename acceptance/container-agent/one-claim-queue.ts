import { RecordedQueue } from '../../internal/dev/runner-api/queue/recorded-queue.ts';
import type { HandBack } from '../../internal/dev/runner-api/queue/task-queue.ts';

/** A queue to which no task returns after it was handed back, because these tests are about one claim. */
export class OneClaimQueue extends RecordedQueue {
  override handBack(token: string, taskId: string): HandBack {
    const answer = super.handBack(token, taskId);
    if (answer === 'queued') this.cancel(taskId);
    return answer;
  }
}
