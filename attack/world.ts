import type { Metric } from '../src/values/metric.js';
import type { Chance } from './chance.js';

/** What one firm tells of the customer, month by month. */
export type Row = readonly Readonly<Record<Metric, number>>[];

/** How a customer pays, as the attackers know it too: a world without secrets but the figures themselves. */
export interface WorldShape {
  /** DSO of customers: mean and deviation, in days. */
  readonly customers: { readonly mean: number; readonly deviation: number };
  /** How far suppliers of one customer lie apart: a guess within five days that knows the customer's mean is right in 30 of 100. */
  readonly suppliers: number;
  /** How far the customer moves in a month, for everybody. */
  readonly drift: number;
  /** How far one supplier's figure moves in a month by itself, back to its own level. */
  readonly wobble: number;
  /** The part of a wobble that is left a month later. */
  readonly memory: number;
  /** Days of terms for each day that a customer is paid later than others: 0 where it has no say in them. */
  readonly customs: number;
  /** How far the part of its invoices that a supplier is paid late strays in a month by itself, as a deviation. */
  readonly strays: number;
}

export const WORLD: WorldShape = { customers: { mean: 48, deviation: 15 }, suppliers: 13, drift: 2, wobble: 4, memory: 0.6, customs: 0.5, strays: 0.05 };

/** A customer that pays everybody the same month after month: rounding is not shaken, so what is found once stays found. */
export const CALM_WORLD: WorldShape = { ...WORLD, drift: 0.4, wobble: 1, strays: 0.01 };

/** A customer that changes its ways now and then, for everybody and for each: directions are worth guessing. */
export const LIVELY_WORLD: WorldShape = { ...WORLD, drift: 4, wobble: 8 };

const TERMS = [30, 45, 60, 90] as const;

/** One customer over some months: suppliers are drawn from it, all alike. */
export class Customer {
  private readonly levels: readonly number[];

  constructor(
    chance: Chance,
    private readonly months: number,
    private readonly shape: WorldShape = WORLD,
  ) {
    let level = shape.customers.mean + shape.customers.deviation * chance.normal();
    this.levels = Array.from({ length: months }, () => (level += shape.drift * chance.normal()));
  }

  /** Another supplier of this customer. */
  row(chance: Chance): Row {
    const { suppliers, wobble, memory, customs, strays } = this.shape;
    const own = suppliers * chance.normal();
    // Who is paid later has longer terms, more or less; and a customer that pays late asks for them.
    const wished = 42 + customs * (this.levels[0]! - this.shape.customers.mean) + 0.6 * own + 6 * chance.normal();
    const terms = TERMS.reduce((nearest, each) => (Math.abs(each - wished) < Math.abs(nearest - wished) ? each : nearest));
    let swing = wobble * chance.normal();
    return Array.from({ length: this.months }, (_, month) => {
      const dso = Math.min(Math.max(this.levels[month]! + own + swing, 0), 180);
      swing = memory * swing + Math.sqrt(1 - memory ** 2) * wobble * chance.normal();
      const beyond = Math.max(0, dso - terms + 3 * chance.normal());
      const late = 1 / (1 + Math.exp(-(beyond - 10) / 6));
      return { DSO: dso, DAYS_BEYOND_TERMS: beyond, LATE_SHARE: Math.min(Math.max(late + strays * chance.normal(), 0), 1), PAYMENT_TERMS: terms };
    });
  }
}
