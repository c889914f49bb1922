/** The points of values below `below`, and not below that of the bin before; the last bin has no end. */
export interface Bin {
  readonly below: number | null;
  readonly points: number;
}

/** How an observed value is shown. */
export type Unit = 'POINTS' | 'DAYS' | 'SHARE' | 'COUNT' | 'MONTHS' | 'FLAG' | 'RATIO';

/** What something is called, in the languages that there are. */
export interface Label {
  readonly en: string;
  readonly fr: string;
}

/** One thing that a score looks at, and the points for what it finds. */
export interface Characteristic {
  readonly code: string;
  readonly label: Label;
  readonly unit: Unit;
  readonly bins: readonly Bin[];
  /** The points when it is not known. */
  readonly unknown: number;
}

/** A part of a score: what is known by it, and what it gave. The contributions are whole points. */
export interface Factor {
  readonly code: string;
  /** What it is called when no model says so. */
  readonly label?: Label;
  readonly contribution: number;
  /** As a text with a point as its decimal sign; null when it was not known. */
  readonly observed: string | null;
}

export const LEAST_VALUE = 0;
export const MOST_VALUE = 1000;

/** The points of an observed value; `null` is not known. */
export function pointsOf({ bins, unknown }: Characteristic, value: number | null): number {
  if (value === null) return unknown;
  return bins.find(({ below }) => below === null || value < below)!.points;
}

/**
 * Adds parts to a base, so that the base and the contributions are the value exactly. The value ends at 0 and at 1000: a part that
 * would pass an end gives what is left up to it, in the order of the parts.
 */
export function addUp(base: number, parts: readonly Factor[]): { readonly value: number; readonly factors: readonly Factor[] } {
  let value = base;
  const factors = parts.map((part) => {
    const from = value;
    value = Math.min(Math.max(from + part.contribution, LEAST_VALUE), MOST_VALUE);
    return { ...part, contribution: value - from };
  });
  return { value, factors };
}

/**
 * What a characteristic gives for an observed value. The points are those of the figure as it is shown: whoever has the model and the
 * factor comes to the same points, also where the figure lies just beside the bound of a bin.
 */
export function factorOf(characteristic: Characteristic, value: number | null): Factor {
  const shown = value === null ? null : shownAs(characteristic.unit, value);
  return { code: characteristic.code, contribution: pointsOf(characteristic, shown?.value ?? null), observed: shown?.text ?? null };
}

interface ShownFigure {
  readonly text: string;
  /** What the text says. */
  readonly value: number;
}

function shownAs(unit: Unit, value: number): ShownFigure {
  switch (unit) {
    case 'SHARE': {
      const percent = Number((value * 100).toFixed(1));
      return { text: `${percent} %`, value: percent / 100 };
    }
    case 'FLAG':
      return { text: value === 0 ? 'no' : 'yes', value };
    default: {
      const rounded = Number(value.toFixed(unit === 'RATIO' ? 6 : 1));
      return { text: String(rounded), value: rounded };
    }
  }
}

/** A label in the language of a tag: French for `fr` and its regions, else English. */
export function labelIn({ en, fr }: Label, locale: string | null | undefined): string {
  return /^fr\b/i.test(locale ?? '') ? fr : en;
}
