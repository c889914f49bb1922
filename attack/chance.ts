/** Chance that repeats: the same seed and path give the same draws on every machine. */
export class Chance {
  private state: number;
  private spare: number | undefined;

  private constructor(private readonly origin: number) {
    this.state = origin;
  }

  static from(seed: number, ...path: readonly (string | number)[]): Chance {
    return new Chance(path.reduce<number>((state, part) => hash(String(part), state), hash(String(seed), 0x9e3779b9)));
  }

  /** A source of its own, whatever was drawn from this one before. */
  fork(...path: readonly (string | number)[]): Chance {
    return Chance.from(this.origin, ...path);
  }

  /** From 0 up to, but not, 1 (mulberry32). */
  uniform(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** Of mean 0 and deviation 1 (Box and Muller). */
  normal(): number {
    const { spare } = this;
    this.spare = undefined;
    if (spare !== undefined) return spare;
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** A whole number from 0 up to, but not, `count`. */
  below(count: number): number {
    return Math.floor(this.uniform() * count);
  }
}

/** FNV-1a with a last mix, so that neighbouring paths are far apart. */
function hash(text: string, state: number): number {
  let value = (state ^ 0x811c9dc5) >>> 0;
  for (let place = 0; place < text.length; place += 1) value = Math.imul(value ^ text.charCodeAt(place), 0x01000193) >>> 0;
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b) >>> 0;
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35) >>> 0;
  return (value ^ (value >>> 16)) >>> 0;
}
