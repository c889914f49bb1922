export const CONTEXT_KINDS = ['PANDEMIC', 'SECTOR_SHOCK', 'DISASTER', 'CONFLICT', 'SUPPLY', 'LAW', 'ECONOMY', 'OTHER'] as const;
export type ContextKind = (typeof CONTEXT_KINDS)[number];

/** The most points that one event moves a score by, either way. */
export const MOST_SHIFT = 300;
/** The most countries, and the most sectors, that one event names: more of them are better said by none, which means all. */
export const MOST_NAMED = 50;
/** The most events of a firm that are not over at once: every score looks at all of them. */
export const MOST_STANDING = 100;
/** The most characters of a name. */
export const LONGEST_NAME = 100;

/** Whom an event concerns, and by how many points it moves their score. */
export interface ContextScope {
  /** ISO 3166-1; empty: every country. */
  readonly countries: readonly string[];
  /** NACE Rev. 2; empty: every sector. */
  readonly sectors: readonly string[];
  readonly shift: number;
}

/** When an event applies. Days are `yyyy-MM-dd`. */
export interface ContextPeriod {
  readonly startsOn: string;
  /** The last day; null: until it is ended. */
  readonly lastOn: string | null;
  /** The first day on which it no longer applies because somebody ended it; null: nobody did. */
  readonly endedOn: string | null;
}

/** Whether an event applies on a day: from its first day to its last one, both included, and no more from the day on which it was ended. */
export function appliesOn({ startsOn, lastOn, endedOn }: ContextPeriod, day: string): boolean {
  return startsOn <= day && (lastOn === null || day <= lastOn) && (endedOn === null || day < endedOn);
}

/** An event that applies to a customer, and the points by which it moves its score before the ends of the scale. */
export interface ContextShift {
  /** Null: it is only assumed. */
  readonly eventId: string | null;
  readonly name: string;
  /** Null: it is only assumed. */
  readonly kind: ContextKind | null;
  readonly shift: number;
}
