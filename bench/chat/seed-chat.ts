import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import { API_KEY_PREFIX } from '../../src/server/asker.js';
import type { OpaqueIds } from '../../src/values/opaque-id.js';
import { hashToken, makeToken } from '../../subgraphs/identity/sessions/make-token.js';
import type { Seat } from './ardoise-client.js';

/** Two firms with an open conversation, each with a key of its own. */
export interface SeededPair {
  readonly from: Seat;
  readonly to: Seat;
  readonly peeringId: string;
}

/** Makes pairs of firms as the owner of the database: members that matched and began to talk; nothing is said yet. */
export async function seedPairs(owner: Client, ids: OpaqueIds, count: number): Promise<readonly SeededPair[]> {
  const pairs = Array.from({ length: count }, () => ({ peeringId: randomUUID(), sides: [seedOf(), seedOf()].toSorted((one, other) => (one.firmId < other.firmId ? -1 : 1)) }));
  const firms = pairs.flatMap(({ sides }) => sides);
  await owner.query(`insert into identity.firm (id, name, country, registration_scheme, registration_value) select id, 'Bench ' || id, 'FR', 'SIREN', '732829320' from unnest($1::uuid[]) as id`, [firms.map(({ firmId }) => firmId)]);
  await owner.query(
    `insert into identity.person (id, firm_id, name, email, password_hash, role) select person, firm, 'Camille', person || '@example.test', 'none', 'OWNER' from unnest($1::uuid[], $2::uuid[]) as made (person, firm)`,
    [firms.map(({ personId }) => personId), firms.map(({ firmId }) => firmId)]);
  await owner.query(
    `insert into identity.api_key (firm_id, person_id, name, scopes, secret_hash) select firm, person, 'bench', '{chat,community:read}', secret from unnest($1::uuid[], $2::uuid[], $3::text[]) as made (person, firm, secret)`,
    [firms.map(({ personId }) => personId), firms.map(({ firmId }) => firmId), firms.map(({ token }) => hashToken(token))]);
  await owner.query(`insert into community.membership (firm_id, verified, joined_at, metrics) select id, true, now() - interval '1 year', '{DSO}' from unnest($1::uuid[]) as id`, [firms.map(({ firmId }) => firmId)]);
  await owner.query(
    `insert into community.peering (peering_id, subject, firm_0, firm_1, matched_at) select peering, 'bench ' || peering, zero, one, now() from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as made (peering, zero, one)`,
    [pairs.map(({ peeringId }) => peeringId), ...[0, 1].map((side) => pairs.map(({ sides }) => sides[side]!.firmId))]);
  await owner.query(
    `insert into community.peering_side (firm_id, peering_id, side, subject, customer_id, alias)
     select case side when 0 then firm_0 else firm_1 end, peering_id, side, subject, gen_random_uuid(), 'Heron 1234' from community.peering cross join (values (0), (1)) as two (side) where peering_id = any($1::uuid[])`,
    [pairs.map(({ peeringId }) => peeringId)]);
  await owner.query(`insert into community.conversation (peering_id, opened_at) select id, now() from unnest($1::uuid[]) as id`, [pairs.map(({ peeringId }) => peeringId)]);
  return pairs.map(({ peeringId, sides: [zero, one] }) => {
    const seat = ({ firmId, token }: Seed): Seat => ({ token, conversationId: ids.encode(firmId, 'Conversation', peeringId) });
    return { peeringId, from: seat(zero!), to: seat(one!) };
  });
}

/** The text that `seedMessages` gives the message of a number. */
export function seededText(seq: number): string {
  return `${seq} ${'What do you hear of their payments this quarter? '.repeat(2)}`;
}

/** Lets the sender of each conversation have said `messages` messages. */
export async function seedMessages(owner: Client, pairs: readonly SeededPair[], messages: number): Promise<void> {
  const peerings = pairs.map(({ peeringId }) => peeringId);
  await owner.query(
    `insert into community.message (peering_id, seq, side, client_id, body, sent_at)
     select peering, seq, 0, 'seed-' || seq, text, now() from unnest($1::uuid[]) as peering cross join unnest($2::text[]) with ordinality as said (text, seq)`,
    [peerings, Array.from({ length: messages }, (_, place) => seededText(place + 1))]);
  await owner.query('update community.conversation set last_seq = $2, revision = $2 + 1 where peering_id = any($1::uuid[])', [peerings, messages]);
}

interface Seed {
  readonly firmId: string;
  readonly personId: string;
  readonly token: string;
}

function seedOf(): Seed {
  return { firmId: randomUUID(), personId: randomUUID(), token: makeToken(API_KEY_PREFIX) };
}

/** Many other conversations, of firms that nobody signs in for. */
export async function seedCrowd(owner: Client, { conversations, messagesEach }: { readonly conversations: number; readonly messagesEach: number }): Promise<void> {
  const firms = Array.from({ length: 1000 }, () => randomUUID()).toSorted();
  await owner.query(
    `insert into community.peering (subject, firm_0, firm_1, matched_at)
     select 'crowd ' || n, firms[1 + n % 499], firms[500 + n % 501], now() from (select $1::uuid[] as firms) f cross join generate_series(1, $2::int) as n`, [firms, conversations]);
  await owner.query(`
    insert into community.peering_side (firm_id, peering_id, side, subject, customer_id, alias)
    select case side when 0 then firm_0 else firm_1 end, peering_id, side, subject, gen_random_uuid(), 'Heron 1234' from community.peering cross join (values (0), (1)) as two (side) where subject like 'crowd %'`);
  await owner.query(`insert into community.conversation (peering_id, opened_at, last_seq, revision) select peering_id, now(), $1::int, $1::int + 1 from community.peering where subject like 'crowd %'`, [messagesEach]);
  await owner.query(
    `insert into community.message (peering_id, seq, side, client_id, body, sent_at)
     select peering_id, seq, seq % 2, 'crowd-' || seq, $2 || seq, now() from community.peering cross join generate_series(1, $1::int) as seq where subject like 'crowd %'`, [messagesEach, seededText(0)]);
}
