import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import { startHouse, type TestHouse } from './house.js';

/** In which order a room hears what several firms tell it at once. */

let house: TestHouse;
let owner: Client;
beforeAll(async () => {
  house = await startHouse();
  owner = await house.asOwner();
  await owner.query(`
    create table public.heard (place bigint generated always as identity, firm_id uuid);
    create function public.note_heard() returns trigger language plpgsql security definer as $$ begin insert into public.heard (firm_id) values (new.firm_id); return new; end $$;
    create trigger note_heard after insert on scoring.invoice_fact for each row execute function public.note_heard();
  `);
});
afterAll(() => house[Symbol.asyncDispose]());

test('who tells much is heard in turns with who tells little', async () => {
  const [large, small] = [randomUUID(), randomUUID()];
  // One statement: they are there at once, those of the large firm first.
  await owner.query(`
    insert into events.delivery (event_id, name, version, producer, consumer, firm_id, data)
    select gen_random_uuid(), 'invoices.changed', 1, 'portfolios', 'scoring', firm, jsonb_build_object('invoiceIds', jsonb_build_array(gen_random_uuid()),
      'customerIds', jsonb_build_array(gen_random_uuid()), 'currencies', '["EUR"]'::jsonb, 'amountsMinor', '["100"]'::jsonb, 'openMinor', '["100"]'::jsonb,
      'issueDates', '["2026-09-01"]'::jsonb, 'dueDates', '["2026-10-01"]'::jsonb, 'settledOn', '[null]'::jsonb, 'revisions', '[1]'::jsonb)
    from (select $1::uuid as firm, n from generate_series(1, 200) n union all select $2::uuid, n from generate_series(201, 203) n order by n) told`, [large, small]);
  const until = Date.now() + 20_000;
  for (;;) {
    const { rows } = await owner.query<{ firm: string }>('select firm_id as firm from public.heard order by place');
    if (rows.length === 203) {
      expect(rows.flatMap(({ firm }, place) => (firm === small ? [place] : []))).toEqual([1, 3, 5]);
      return;
    }
    expect(Date.now()).toBeLessThan(until);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
});
