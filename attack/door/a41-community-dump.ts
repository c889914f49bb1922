import { createHash, createHmac } from 'node:crypto';
import { legalUnit } from '../../src/values/registration.js';
import { blindKey } from '../../subgraphs/portfolios/contributions/blind-key.js';
import { fillRegister } from './a23-enumerate-sirens.js';
import { achieved, never, type Achieved, type DoorAttack } from './door-attack.js';
import type { DoorWorld } from './world.js';

/**
 * A41. Somebody has all of community's database: every table, and the events on their way to it. They have the register of
 * companies, this code, and the key that community itself holds; not the matching key, which is portfolios'.
 * For each of 1,000 companies that are in there they look for its number in any form, and for any digest of it, keyed by
 * whatever word the dump holds.
 * Pass: not one is found.
 */
export const communityDump: DoorAttack = {
  id: 'A41',
  title: 'community dump without the key',
  passLine: '0 of 1,000 SIRENs',
  passes: never,
  run: async (world, { fast }) => {
    await fillRegister(world, fast ? 1000 : 10_000);
    const sirens = await knownSirens(world);
    const dump = await dumpCommunity(world);
    const { matchingKey } = world.network.house.running.rooms.portfolios.room.keys;
    // A build whose index is a plain digest: what looked like a key is one that anybody computes.
    const plain = new Map(sirens.map((siren) => [blindKey(matchingKey, { scheme: 'SIREN', value: siren }), digest('sha256', legalUnit({ scheme: 'SIREN', value: siren }))]));
    const control = dump.replaceAll(/[0-9a-f]{64}/g, (subject) => plain.get(subject) ?? subject);
    return { product: search(dump, sirens), control: search(control, sirens) };
  },
};

async function knownSirens({ network }: DoorWorld): Promise<readonly string[]> {
  const { rows } = await network.owner.query<{ value: string }>(
    `select c.registration_value as value from portfolios.customer c join community.customer_key k on k.customer_id = c.id and k.subject is not null
     where c.registration_scheme = 'SIREN' group by 1 order by md5(c.registration_value) limit 1000`);
  return rows.map(({ value }) => value);
}

/** Every row of every table that community's database holds, as text; in a house of several databases, no others are there. */
async function dumpCommunity({ network }: DoorWorld): Promise<string> {
  const { rows: tables } = await network.owner.query<{ name: string }>(`select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = 'community' order by 1`);
  const parts = [];
  for (const { name } of tables) parts.push(await network.owner.query<{ row: string }>(`select to_jsonb(t)::text as row from ${name} t`));
  parts.push(await network.owner.query<{ row: string }>(`select to_jsonb(t)::text as row from events.delivery t where 'community' in (consumer, producer)`));
  const { ids } = network.house.running.rooms.community.room.keys;
  // Its own key, by what it does: an id that it makes of something known.
  parts.push({ rows: [{ row: ids.encode('00000000-0000-0000-0000-000000000000', 'Firm', '00000000-0000-0000-0000-000000000000') }] });
  return parts.flatMap(({ rows }) => rows.map(({ row }) => row)).join('\n');
}

const ALGORITHMS = ['md5', 'sha1', 'sha256', 'sha512'] as const;
/** What somebody in a hurry uses as a key. */
const WEAK_KEYS = ['', 'secret', 'ardoise', 'community', 'matching', 'key', 'postgres', '00000000-0000-0000-0000-000000000000', '0'.repeat(64), 'changeme', 'SIREN'] as const;

function search(dump: string, sirens: readonly string[]): Achieved {
  const words = new Set(dump.toLowerCase().match(/[0-9a-z_+/=:-]{9,}/g) ?? []);
  const digits = new Set([...dump.matchAll(/\d{9,}/g)].flatMap(([text]) => Array.from({ length: text.length - 8 }, (_, place) => text.slice(place, place + 9))));
  const found = sirens.filter((siren) => digits.has(siren) || digits.has([...siren].toReversed().join('')) || disguises(siren).some((word) => words.has(word.toLowerCase())));
  return achieved(sirens.length, found.length, `${found.length} of ${sirens.length} SIRENs found in ${Math.round(dump.length / 1024)} KiB`);
}

/** Every word that a SIREN might have been turned into without the key. */
function disguises(siren: string): string[] {
  const texts = [siren, legalUnit({ scheme: 'SIREN', value: siren }), `SIREN${siren}`, `FR${siren}`, `${siren}\n`, Number(siren).toString(16), Buffer.from(siren).toString('base64'), Buffer.from(siren).toString('hex')];
  return texts.flatMap((text) => [
    ...(text.length >= 12 ? [text] : []),
    ...ALGORITHMS.flatMap((algorithm) => [digest(algorithm, text), createHash(algorithm).update(text).digest('base64')]),
    ...WEAK_KEYS.map((key) => createHmac('sha256', key).update(text).digest('hex')),
  ]);
}

function digest(algorithm: string, text: string): string {
  return createHash(algorithm).update(text).digest('hex');
}
