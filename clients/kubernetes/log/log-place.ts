import type { LogLine } from './log-line.ts';

/**
 * How far a log was read: up to a number of lines from the first one of the latest time on. Times alone do not tell.
 * Lines may have the same time, and a runtime takes the times of stdout and stderr before it writes either. So an
 * earlier time may follow, as it does when the node's clock is set back.
 */
export class LogPlace {
  #time: string | undefined;
  #sinceTime = 0;
  #toSkip = 0;
  /** Whether the line of the latest time has not come yet in a log that is read again. */
  #isBefore = false;

  get time(): string | undefined {
    return this.#time;
  }

  /** To be called before the log is read again from the latest time on. */
  rewind(): void {
    this.#toSkip = this.#sinceTime;
    this.#isBefore = this.#time !== undefined;
  }

  /** Whether a line is new. */
  passes({ time }: LogLine): boolean {
    const order = this.#time === undefined ? 1 : compareTimes(time, this.#time);
    if (order > 0) {
      this.#time = time;
      this.#sinceTime = 1;
      this.#toSkip = 0;
      this.#isBefore = false;
      return true;
    }
    if (this.#isBefore && order < 0) return false;
    this.#isBefore = false;
    if (this.#toSkip > 0) {
      this.#toSkip--;
      return false;
    }
    this.#sinceTime++;
    return true;
  }
}

/** Compares times in UTC of one kubelet, which leaves out zeros at the end of a fraction: `…:05Z`, `…:05.12Z`. */
function compareTimes(a: string, b: string): number {
  const [first, second] = [a, b].map((time) =>
    time.replace(/Z$/, '').padEnd(29, time.includes('.') ? '0' : ' '),
  );
  if (first === second) return 0;
  return (first ?? '') < (second ?? '') ? -1 : 1;
}
