import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { METRICS, type Metric } from '../src/values/metric.js';
import { closeEpoch } from '../subgraphs/community/benchmark/close-epoch.js';
import { verifyReleases } from '../subgraphs/community/benchmark/verify-releases.js';
import { hearContributionClosed } from '../subgraphs/community/membership/hear-portfolio.js';
import { CommunityRoom, someIds } from './community-room.js';
import { paymentEpoch } from './payment-epoch.js';

const FIRMS = someIds(7);
const KEYS = ['a', 'b'].map((letter) => letter.repeat(64));
const MONTHS = ['2026-04', '2026-05', '2026-06'] as const;

/** What a firm said of one customer and month, the how manieth time. */
interface Telling {
  readonly firm: number;
  readonly key: number;
  readonly month: number;
  readonly revision: number;
  readonly evidenced: boolean;
  readonly figures: Partial<Record<Metric, number>>;
}

const figures = fc.record({
  DSO: fc.double({ min: -20, max: 200, noNaN: true }),
  DAYS_BEYOND_TERMS: fc.double({ min: -30, max: 90, noNaN: true }),
  LATE_SHARE: fc.double({ min: 0, max: 1, noNaN: true }),
  PAYMENT_TERMS: fc.double({ min: 0, max: 120, noNaN: true }),
}, { requiredKeys: [] });

/** A revision says one thing, however often it is said. */
const facts = fc.uniqueArray(
  fc.record({ firm: fc.nat(FIRMS.length - 1), key: fc.nat(KEYS.length - 1), month: fc.nat(MONTHS.length - 1), revision: fc.integer({ min: 1, max: 4 }), evidenced: fc.nat(9).map((one) => one > 0), figures }),
  { selector: ({ firm, key, month, revision }) => [firm, key, month, revision].join(), minLength: 60, maxLength: 120, comparator: 'IsStrictlyEqual' },
);

/** The same facts in any order, some of them more than once. */
const history = facts.chain((told) => fc.record({
  told: fc.constant(told),
  heard: fc.tuple(fc.shuffledSubarray(told, { minLength: told.length }), fc.shuffledSubarray(told), fc.shuffledSubarray(told)).map((parts) => parts.flat()),
}));

let template: CommunityRoom;
beforeAll(async () => {
  template = await CommunityRoom.open();
  await template.fill(FIRMS, KEYS, METRICS);
  // Both sides of a comparison know a customer by one subject.
  await template.owner.query('insert into community.subject_key (blind_key, subject) select key, key from unnest($1::text[]) key', [KEYS]);
  await template.freeze();
}, 60_000);
afterAll(() => template[Symbol.asyncDispose]());

async function hear({ room }: CommunityRoom, { firm, key, month, revision, evidenced, figures: told }: Telling): Promise<void> {
  await hearContributionClosed(room, { firmId: FIRMS[firm]!, data: { month: MONTHS[month]!, contributions: [{ subject: KEYS[key]!, evidenced, figures: told, revision }] } });
}

/** Everything that three epochs published and took, and the digests that their ledger holds of it. */
async function closeAll(community: CommunityRoom): Promise<unknown> {
  for (const month of MONTHS) await closeEpoch(community.room, paymentEpoch(month));
  expect(await verifyReleases(community.room)).toMatchObject({ entries: 3, broken: null });
  const { rows: cells } = await community.owner.query('select period_end::text, subject, metric, tier, band_from, band_to, value, rounded_to, direction from community.cell join community.epoch on epoch.id = epoch_id order by 1, 2, 3');
  const { rows: entries } = await community.owner.query('select number, cell_count, cells_digest, intake_digest from community.release order by number');
  return { cells, entries };
}

test('figures heard one by one, in any order, repeated and outdated, close to the same cells and digests as the latest facts alone', async () => {
  let published = 0;
  await fc.assert(
    fc.asyncProperty(history, async ({ told, heard }) => {
      await using incremental = await template.copy();
      for (const each of heard) await hear(incremental, each);
      await using rebuilt = await template.copy();
      for (const those of Map.groupBy(told, ({ firm, key, month }) => [firm, key, month].join()).values()) {
        await hear(rebuilt, those.toSorted((one, other) => one.revision - other.revision).at(-1)!);
      }
      const result = await closeAll(incremental);
      expect(result).toEqual(await closeAll(rebuilt));
      published += (result as { cells: readonly unknown[] }).cells.length;
    }),
    { numRuns: 6 },
  );
  // Cells were compared, not their absence.
  expect(published).toBeGreaterThan(0);
}, 120_000);
