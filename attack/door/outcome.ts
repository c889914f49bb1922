import type { DoorWorld } from './world.js';

/** `fast` for every change, `full` for the report. */
export type Effort = 'fast' | 'full';

/** What an attack achieved against one door. */
export interface Achieved {
  readonly trials: number;
  /** In the attack's own measure; what its pass line says of it. */
  readonly measure: number;
  /** The same in words. */
  readonly said: string;
}

/** One attack through the door: what it achieved against the product, and against a door that is naive on purpose. */
export interface DoorAttack {
  readonly id: string;
  readonly title: string;
  /** What the product has to hold, in words. */
  readonly passLine: string;
  /** Whether this achievement is within the pass line. */
  readonly passes: (achieved: Achieved, effort: Effort) => boolean;
  readonly run: (world: DoorWorld, effort: Effort) => Promise<Played>;
}

export interface Played {
  readonly product: Achieved;
  /** The same attack, the same code, against the naive door: it has to miss the pass line. */
  readonly control: Achieved;
}

/** For attacks that must never succeed. */
export function never({ measure }: Achieved): boolean {
  return measure === 0;
}

export function achieved(trials: number, measure: number, said: string): Achieved {
  return { trials, measure, said };
}
