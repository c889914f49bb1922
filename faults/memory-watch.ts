import { readFile } from 'node:fs/promises';

const MEGABYTE = 2 ** 20;
const PAGE_BYTES = 4096;
const EVERY_MILLISECONDS = 500;

/** Watches what processes keep in memory, by name: the number of each may change when it dies and is started again. */
export class MemoryWatch implements AsyncDisposable {
  readonly #baseline = new Map<string, number>();
  readonly #most = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;

  private constructor(private readonly pids: () => Readonly<Record<string, number | undefined>>) {
    this.#timer = setInterval(() => void this.#look(this.#most), EVERY_MILLISECONDS);
  }

  /** What they have now is what they may have: take it while they are at work and nothing is wrong yet. */
  static async start(pids: () => Readonly<Record<string, number | undefined>>): Promise<MemoryWatch> {
    const watch = new MemoryWatch(pids);
    await watch.#look(watch.#baseline);
    return watch;
  }

  /** How much more than at first any of them had, in megabytes. */
  async grownMegabytes(): Promise<number> {
    await this.#look(this.#most);
    return Math.max(0, ...[...this.#most].map(([name, most]) => Math.round((most - (this.#baseline.get(name) ?? most)) / MEGABYTE)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
  }

  async #look(into: Map<string, number>): Promise<void> {
    for (const [name, pid] of Object.entries(this.pids())) {
      // One that has just died keeps nothing.
      const text = pid === undefined ? '' : await readFile(`/proc/${pid}/statm`, 'utf8').catch(() => '');
      if (text) into.set(name, Math.max(into.get(name) ?? 0, Number(text.split(' ')[1]) * PAGE_BYTES));
    }
  }
}
