import type { Factor } from '../score/scorecard.js';
import type { ContextShift } from './context-event.js';

/** The code of every factor of a score that is a context event. */
export const CONTEXT_EVENT = 'CONTEXT_EVENT';

/** A context event as a part of a score. */
export interface ContextFactor extends Factor {
  /** Null: it is only assumed. */
  readonly contextEventId: string | null;
}

/** What an event gives to a score: its points, as far as the score does not end. What was observed is its name. */
export function factorOfShift({ eventId, name, shift }: ContextShift): ContextFactor {
  return { code: CONTEXT_EVENT, label: { en: `Context event: ${name}`, fr: `Événement de contexte : ${name}` }, contribution: shift, observed: name, contextEventId: eventId };
}

/** The event that a factor of a score stands for; null when it is none that is kept. */
export function contextEventIdOf(factor: Factor): string | null {
  return 'contextEventId' in factor && typeof factor.contextEventId === 'string' ? factor.contextEventId : null;
}
