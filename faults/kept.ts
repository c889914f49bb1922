import type { Found } from './chat-load.js';
import { quantile, type Figure, type Kept } from './experiment.js';
import type { MemoryWatch } from './memory-watch.js';

/** What a load found and what its house used, as every experiment has to tell it. */
export async function keptOf(found: Found, memory: MemoryWatch): Promise<Kept> {
  const { lost, doubled, disordered, gaps, foreign, recovered } = found;
  return { lost, doubled, disordered, gaps, foreign, grownMegabytes: await memory.grownMegabytes(), humanActions: recovered ? 0 : 1 };
}

/** How long each send took that had to be tried again, in milliseconds. */
export function retriedMilliseconds({ sendings }: Found): readonly number[] {
  return sendings.filter(({ tries }) => tries > 1).map(({ from, until }) => until - from);
}

/** How long it took each time until a reader whose subscription broke was told something again, in milliseconds, since the last fault before that. */
export function resumeMilliseconds({ breaks }: Found, faultsAt: readonly number[] = []): readonly number[] {
  return breaks.flatMap(({ from, until }) => (until === undefined ? [] : [until - Math.max(from, ...faultsAt.filter((at) => at < until))]));
}

/** A subscription that is closed as if its conversation had been is one whose client does not come back. */
export function endedAsClosed({ completed }: Found): Figure {
  return { what: 'subscriptions ended as if the conversation were closed', measured: completed, limit: { atMost: 0 } };
}

/** A fault of the house is told as one that passes: what else is said is taken for the sender's own. */
export function toldOtherwise({ codes }: Found): Figure {
  return { what: 'tries to send that failed otherwise than with UNAVAILABLE or no answer', measured: [...codes].reduce((sum, [code, times]) => sum + (code === 'UNAVAILABLE' || code === 'NONE' ? 0 : times), 0), limit: { atMost: 0 } };
}

export function sendFigure(found: Found, share = 0.99, atMost = 5000): Figure {
  return { what: `a send that had to be tried again, until acknowledged, p${share * 100}, ms`, measured: Math.round(quantile(retriedMilliseconds(found), share)), isTime: true, limit: { atMost } };
}

export function resumeFigure(found: Found, { share = 1, atMost = 3000, faultsAt = [] }: { readonly share?: number; readonly atMost?: number; readonly faultsAt?: readonly number[] } = {}): Figure {
  return { what: `a subscription that broke, until it goes on, ${share === 1 ? 'longest' : `p${share * 100}`}, ms`, measured: Math.round(quantile(resumeMilliseconds(found, faultsAt), share)), isTime: true, limit: { atMost } };
}

/** What of a return is the start of the process alone: a machine that is busy with something else takes longer over it. */
export function startFigure(milliseconds: readonly number[]): Figure {
  return { what: 'of it the start of the process until it listens, longest, ms', measured: Math.round(quantile(milliseconds, 1)) };
}

/** What a reader of the report asks first when something was found; nothing when nothing was. */
export function notesOf(found: Found): readonly string[] {
  const causes = Map.groupBy(found.breaks, ({ cause }) => cause);
  return [
    `${found.acknowledged.toLocaleString('en')} messages acknowledged; ${retriedMilliseconds(found).length} sends had to be tried again (${[...found.codes].map(([code, times]) => `${code} ${times} ×`).join(', ') || 'never'}); subscriptions broke ${found.breaks.length} times (${[...causes].map(([cause, all]) => `${cause} ${all.length} ×`).join(', ') || 'never'}).`,
    ...found.findings,
  ];
}
