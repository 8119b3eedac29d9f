import { clearScreenDown, moveCursor } from 'node:readline';
import type { WriteStream } from 'node:tty';
import { styleText } from 'node:util';

/** One line of a table. */
export interface TableLine {
  readonly text: string;
  readonly color?: 'green' | 'magenta' | 'red' | 'yellow';
}

/** Where a table is shown: a terminal, a pipe or a file. */
export type Screen = NodeJS.WritableStream & Partial<Pick<WriteStream, 'isTTY' | 'columns'>>;

const usualColumns = 80;

/** A table that changes. A terminal shows its current state, any other output gets a line for each change. */
export class LiveTable {
  readonly #screen: Screen;
  readonly #head: string;
  #lines: readonly TableLine[] = [];

  constructor(head: string, screen: Screen = process.stdout) {
    this.#head = head;
    this.#screen = screen;
    if (!screen.isTTY) this.#write({ text: head });
  }

  show(lines: readonly TableLine[]): void {
    const isNew = ({ text }: TableLine, index: number) => text !== this.#lines[index]?.text;
    const changed = lines.filter(isNew);
    if (changed.length === 0) return;
    this.#erase();
    this.#lines = lines;
    if (this.#screen.isTTY) this.#draw();
    else for (const line of changed) this.#write(line);
  }

  /** Prints something above the table. */
  above(print: () => void): void {
    this.#erase();
    print();
    this.#draw();
  }

  #erase(): void {
    if (!this.#screen.isTTY || this.#lines.length === 0) return;
    moveCursor(this.#screen, 0, -this.#lines.length - 1);
    clearScreenDown(this.#screen);
  }

  #draw(): void {
    if (!this.#screen.isTTY || this.#lines.length === 0) return;
    this.#write({ text: this.#head });
    for (const line of this.#lines) this.#write(line);
  }

  /** Cuts a line at the terminal's width: a wrapped line would be two lines to erase. 0 means an unknown width. */
  #write({ color, text }: TableLine): void {
    const cut = this.#screen.isTTY ? text.slice(0, (this.#screen.columns || usualColumns) - 1) : text;
    this.#screen.write(`${color ? styleText(color, cut) : cut}\n`);
  }
}
