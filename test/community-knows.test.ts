import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { migrate } from '../src/database/migrate.js';
import { Client } from 'pg';
import { rekeyCustomers, rotateMatchingKey } from '../subgraphs/portfolios/contributions/rotate-matching-key.js';
import { countFound, dumpCommunity, withoutKey, withSecret } from './community-dump.js';
import { randomSiren } from './house.js';
import { importFile } from './import-file.js';
import { Network } from './network.js';

/** What somebody finds who has all of community's tables, and not the matching key. */
let network: Network;
const sirens = [...new Set(Array.from({ length: 1_010 }, randomSiren))].slice(0, 1_000);
beforeAll(async () => {
  network = await Network.start(2);
  const rows = sirens.flatMap((siren, index) => [1, 2, 3].map((number) => `C${index},Garage Dupont,SIREN,${siren},F${index}-${number},2025-1${number - 1}-05,EUR,10.00`));
  for (const firm of network.members) {
    const job = await importFile(firm, { format: 'CSV' }, `customer_reference,customer_name,registration_scheme,registration_value,invoice_number,issue_date,currency,amount\n${rows.join('\n')}\n`);
    expect([job.status, job.rowsRejected]).toEqual(['COMPLETED', 0]);
  }
  await network.settle();
}, 120_000);
afterAll(() => network[Symbol.asyncDispose]());

test('of 1,000 registrations none is found without the key, all with it; after an exchange none with the secret either', async () => {
  const before = await dumpCommunity(network.owner);
  expect((await network.owner.query(`select from community.customer_key where subject is not null`)).rowCount).toBe(2_000);
  expect(countFound(before, sirens, withoutKey)).toBe(0);
  // The same search finds them where the key is known: it is a search.
  const theirs = withSecret(network.house.running.rooms.portfolios.room.keys.matchingKey);
  expect(countFound(before, sirens, theirs)).toBe(1_000);
  expect(countFound(`${before}\n${sirens[7]}`, sirens, withoutKey)).toBe(1);
  await rotateMatchingKey(network.house.running.rooms.portfolios.room, { by: 'Claire', why: 'once a year' });
  const end = Date.now() + 30_000;
  while (Date.now() < end) {
    await rekeyCustomers(network.house.running.rooms.portfolios.room);
    const { rowCount } = await network.owner.query(`select from portfolios.matching_key where retired_at is null union all select from events.delivery where name = 'keys.retired'`);
    if (rowCount === 0) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const after = await dumpCommunity(network.owner);
  expect([countFound(after, sirens, theirs), countFound(after, sirens, withoutKey)]).toEqual([0, 0]);
}, 120_000);

test("community's login reads nothing of the rooms that know registrations, in whatever role it takes", async () => {
  const { community } = network.house.running.rooms;
  const login = new Client({ connectionString: await migrate(network.house.databaseUrl, 'community', community.subgraph.migrations) });
  await login.connect();
  try {
    for (const role of ['community', 'community_app', 'community_system']) {
      await login.query(`set role ${role}`);
      for (const table of ['portfolios.customer', 'portfolios.matching_key', 'portfolios.own_account', 'identity.firm', 'identity.link_mark', 'identity.firm_group']) {
        await expect(login.query(`select from ${table} limit 1`)).rejects.toThrow('permission denied');
      }
    }
    for (const role of ['portfolios_app', 'portfolios_system', 'identity_system']) await expect(login.query(`set role ${role}`)).rejects.toThrow('permission denied');
  } finally {
    await login.end();
  }
});
