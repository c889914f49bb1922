import { Presets, SingleBar } from 'cli-progress';

/** Tells a person at the terminal how far a load is: a bar on a terminal, a line a stage elsewhere. Both on stderr. */
export class Progress {
  readonly #bar: SingleBar | undefined;

  constructor(title: string, total: number) {
    if (!process.stderr.isTTY) {
      process.stderr.write(`${title} …\n`);
      return;
    }
    this.#bar = new SingleBar({ format: `${title} {bar} {percentage} % · {stage}`, stream: process.stderr, hideCursor: true, clearOnComplete: true, barsize: 24 }, Presets.shades_classic);
    this.#bar.start(total, 0, { stage: '' });
  }

  stage(name: string): void {
    if (this.#bar) this.#bar.update({ stage: name });
    else process.stderr.write(`  ${name}\n`);
  }

  /** So many of the total are done since the last time. */
  advance(steps = 1): void {
    this.#bar?.increment(steps);
  }

  end(): void {
    this.#bar?.stop();
  }
}
