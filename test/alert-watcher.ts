import { expect } from '@jest/globals';
import type { UserError } from './bookkeeper.js';
import type { Visitor } from './house.js';

/** A rule that must be taken; returns its id. */
export async function ruleOf(firm: Visitor, input: Record<string, unknown>): Promise<string> {
  const { alertRuleCreate } = await firm.get<{ alertRuleCreate: { rule: { id: string } | null; userErrors: readonly UserError[] } }>(
    'mutation ($input: AlertRuleInput!) { alertRuleCreate(input: $input) { rule { id } userErrors { code path } } }', { input },
  );
  expect(alertRuleCreate.userErrors).toEqual([]);
  return alertRuleCreate.rule!.id;
}

/** An alert as it is asked for below. */
export interface ShownAlert {
  readonly id: string;
  readonly metric: string;
  readonly direction: string;
  readonly before: string;
  readonly after: string;
  readonly customer: { readonly reference: string };
}
export const SHOWN_ALERT = '{ id metric direction before after customer { reference } }';

/** An alert as words. */
export function wordsOf({ metric, direction, before, after, customer }: ShownAlert): string {
  return `${customer.reference} ${metric} ${direction} ${before} → ${after}`;
}

/** Every alert of the firm, the oldest first. */
export async function shownAlerts(firm: Visitor): Promise<readonly ShownAlert[]> {
  const { alerts } = await firm.get<{ alerts: { nodes: readonly ShownAlert[] } }>(`{ alerts { nodes ${SHOWN_ALERT} } }`);
  return alerts.nodes.toReversed();
}

/** The same as words. */
export async function told(firm: Visitor): Promise<readonly string[]> {
  return (await shownAlerts(firm)).map(wordsOf);
}
