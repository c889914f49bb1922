/**
 * Chance that repeats: the same seed gives the same draws on every machine. mulberry32, a 32-bit generator in the public
 * domain (Tommy Ettinger, 2017): enough for a demo, never for a secret.
 */
export class Dice {
  readonly #seed: number;
  #state: number;

  constructor(seed: number) {
    this.#seed = seed >>> 0;
    this.#state = this.#seed;
  }

  /** Other dice for a part of the whole: what is drawn there moves nothing here. */
  of(part: string): Dice {
    // FNV-1a over the name, begun with our seed.
    let hash = (2_166_136_261 ^ this.#seed) >>> 0;
    for (const character of part) hash = Math.imul(hash ^ character.codePointAt(0)!, 16_777_619) >>> 0;
    return new Dice(hash);
  }

  /** From 0 up to but not including 1. */
  share(): number {
    this.#state = (this.#state + 0x6d_2b_79_f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** A real number between the two. */
  between(low: number, high: number): number {
    return low + this.share() * (high - low);
  }

  /** A whole number between the two, both included. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.share() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.share() < probability;
  }

  /** About normal around 0 with a spread of 1, never beyond ±3.5: the sum of twelve draws less six, cut off. */
  spread(): number {
    let sum = -6;
    for (let draw = 0; draw < 12; draw += 1) sum += this.share();
    return Math.max(-3.5, Math.min(3.5, sum));
  }

  pick<T>(items: readonly [T, ...T[]]): T {
    return items[this.whole(0, items.length - 1)] ?? items[0];
  }

  /** One of `items` by weight. */
  pickByWeight<T>(items: readonly [readonly [T, number], ...(readonly [T, number])[]]): T {
    let rest = this.share() * items.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [item, weight] of items) {
      rest -= weight;
      if (rest < 0) return item;
    }
    return items[0][0];
  }

  /** The same items in another order. */
  shuffled<T>(items: readonly T[]): T[] {
    const result = [...items];
    for (let last = result.length - 1; last > 0; last -= 1) {
      const other = this.whole(0, last);
      [result[last], result[other]] = [result[other]!, result[last]!];
    }
    return result;
  }
}
