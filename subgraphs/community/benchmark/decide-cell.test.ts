import { expect, test } from '@jest/globals';
import { decideCell, type Around } from './decide-cell.js';
import { POLICY_V1 as policy } from './policy.js';

const july = { family: 'PAYMENT' as const, periodStart: Temporal.PlainDate.from('2026-05-01'), periodEnd: Temporal.PlainDate.from('2026-07-31'), publishedOn: Temporal.PlainDate.from('2026-08-30') };

/** A cell of July around firms A, B, C … that told these figures of it. */
function around(told: string, figure = 40): Around {
  return {
    subject: 's',
    metric: 'DSO',
    admitted: [...told].map((firmId) => ({ firmId, joinedOn: '2025-01-01', metrics: ['DSO'] })),
    figures: new Map([...told].map((firmId) => [firmId, figure])),
    prior: undefined,
    earlier: [],
    published: [],
  };
}

test('of linked firms one counts: six seats with four of one hand are three, and nothing is said', () => {
  const linked = { ...around('ABCDEF'), admitted: around('ABCDEF').admitted.map((firm) => ('CDEF'.includes(firm.firmId) ? { ...firm, group: 'g' } : firm)) };
  expect(decideCell(around('ABCDEF'), july, policy)?.shown?.cell).toMatchObject({ tier: 'T2', value: 40 });
  expect(decideCell(linked, july, policy)).toBeUndefined();
});

test('a member without a figure counts with its last one for three months, and not with one that stood in itself', () => {
  const panel = { quarter: '2026-Q3', members: [...'ABCDE'], withheld: false };
  const earlier = (told: boolean) => [{ firmId: 'E', input: 90, month: '2026-06', told }];
  const admitted = around('ABCDE').admitted;
  const carried = decideCell({ ...around('ABCD'), admitted, prior: panel, earlier: earlier(true) }, july, policy);
  expect(carried).toMatchObject({ panel: { withheld: false }, shown: { cell: { tier: 'T1', from: 30 } } });
  expect(carried?.inputs).toContainEqual({ firmId: 'E', figure: null, input: 90 });
  expect(decideCell({ ...around('ABCD'), admitted, prior: panel, earlier: earlier(false) }, july, policy)).toMatchObject({ panel: { withheld: true }, shown: undefined });
});
