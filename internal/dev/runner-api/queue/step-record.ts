/** The description of a step from its start. */
export interface StepAttributes {
  readonly type: string;
  readonly name: string;
  readonly phase: string;
  readonly command: string;
  readonly insignificant: boolean;
}

/** The end of a step. */
export interface StepEnd {
  readonly result: 'success' | 'failure';
  readonly exit_code: string;
}

/** A step as its task's owner sees it. */
export class StepRecord {
  readonly id: number;
  /** Undefined until the step starts. Its output may come first. */
  attributes: StepAttributes | undefined;
  /** Undefined while the step has not ended. */
  end: StepEnd | undefined;
  readonly #parts = new Map<number, Buffer>();

  constructor(id: number) {
    this.id = id;
  }

  /** Adds a part of the output. The same part may come twice, if the answer was lost. */
  write(sequence: number, part: Buffer): void {
    this.#parts.set(sequence, part);
  }

  /** The numbers of the parts, in their order. They are 0, 1, 2, … if nothing was lost. */
  get sequences(): number[] {
    return [...this.#parts.keys()].sort((a, b) => a - b);
  }

  /** The output, decoded, in the order of its parts. */
  get output(): string {
    const parts = this.sequences.map((sequence) => this.#parts.get(sequence) ?? Buffer.alloc(0));
    return Buffer.concat(parts).toString('utf8');
  }

  toJSON(): object {
    const { attributes, end, id, output, sequences } = this;
    return { id, attributes, output, sequences, end };
  }
}
