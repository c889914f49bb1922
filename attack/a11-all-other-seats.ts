import type { Attack } from './attack.js';
import type { Part } from './play.js';
import { attemptAll, butNever, changed, scenario, sweeping, type Line } from './scenario.js';
import { toldWorld } from './told-world.js';
import { CALM_WORLD, WORLD } from './world.js';

const LINES: Readonly<Record<'T1' | 'T2', Line>> = { T1: { excess: 8, bound: Infinity }, T2: { excess: 15, bound: Infinity } };

/** All seats tell the same, such that the mean tips over an edge of the rounding where the victim is as the usual supplier. */
function atEdge(firms: number, edge: number): (part: Part) => Part {
  const figure = (edge * firms - WORLD.customers.mean) / (firms - 1);
  return (part) => ({ ...part, figures: part.figures.map(() => figure) });
}

/** Low seats that make the victim the third lowest of eleven, of which the lower quartile is made. */
const aroundQuartile = (place: number) => (part: Part): Part => ({ ...part, figures: part.figures.map(() => (place < 2 ? 0 : place === 2 ? WORLD.customers.mean : 150)) });

/**
 * Every other seat of the panel is the attacker's: admitted, verified, long there. Rounding is all that is left, and the attacker
 * puts its own figures where the rounding says most. What it gains in one epoch is held to a line; what many epochs add, and T3, is
 * reported: against this it is admission that stands, and the alarm that is raised.
 */
export const allOtherSeats: Attack = {
  id: 'A11',
  title: 'all other seats yours',
  passLine: 'in one epoch ≤ 15 (T2), ≤ 8 (T1); an alarm',
  house: 'TOLD',
  run: async (options) => {
    const place = (name: string, firms: number, line: Line | null, own: (place: number) => (part: Part) => Part, inFast = false, months = 4) =>
      scenario({ name, firms, seats: firms - 1, line, inFast, months, reads: (month) => months > 4 || month === months - 1, ...(months > 4 && { world: CALM_WORLD }) },
        (parts) => changed(parts, Object.fromEntries(Array.from({ length: firms - 1 }, (_, at) => [at, own(at)]))));
    const asTheyAre = () => (part: Part) => part;
    const { rings } = await toldWorld(options);
    const customers = rings.reduce((sum, ring) => sum + ring.customers, 0);
    const alarms = rings.reduce((sum, ring) => sum + ring.alarms, 0);
    const result = attemptAll('A11', [
      place('no tier, one of two', 2, LINES.T1, asTheyAre, true),
      place('T1, three of four', 4, LINES.T1, asTheyAre),
      place('T1, three of four at an edge', 4, LINES.T1, () => atEdge(4, 30), true),
      place('T2, five of six', 6, LINES.T2, asTheyAre),
      place('T2, five of six at an edge', 6, LINES.T2, () => atEdge(6, 45), true),
      place('T3, ten of eleven', 11, null, asTheyAre),
      place('T3, ten of eleven around the quartile', 11, null, aroundQuartile),
      place('T1, three of four over 12 epochs, a calm customer', 4, null, () => sweeping(30), false, 12),
      place('T2, five of six over 12 epochs, a calm customer', 6, null, () => sweeping(30), false, 12),
    ], options);
    return butNever(result, customers - alarms, customers, "customers of which a ring of A10's holds all seats but one, and no alarm was raised");
  },
};
