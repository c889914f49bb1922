import { parseLines } from '../../../src/values/written-text.js';

/** What a user may decide about a signal. */
export const SIGNAL_DECISIONS = ['INTEGRATED', 'IGNORED'] as const;
export type SignalDecision = (typeof SIGNAL_DECISIONS)[number];

/** The most characters the reason of a decision may have. */
export const LONGEST_REASON = 500;

/**
 * The reason of a decision as it is kept: trimmed, in one Unicode form. `undefined` when nothing is left, when it is longer than 500
 * characters, or holds control characters other than line ends and tabs.
 */
export function parseReason(text: string): string | undefined {
  return parseLines(text, LONGEST_REASON) || undefined;
}
