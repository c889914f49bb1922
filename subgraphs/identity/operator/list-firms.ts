import { sql } from 'kysely';
import type { Room } from '../../../src/server/room.js';
import type { Tie } from '../links/firm-group.js';
import { readTiesAround } from '../links/regroup-firms.js';

export interface ListedFirm {
  readonly id: string;
  readonly name: string;
  readonly country: string;
  readonly registration: string;
  readonly verified: boolean;
  readonly signedUpOn: string;
  /** With how many others it counts as one. */
  readonly others: number;
}

/** The firms of the network, the latest first; those that nobody verified alone when asked so. */
export async function listFirms(room: Room, unverified: boolean): Promise<readonly ListedFirm[]> {
  return room.db.asSystem().transaction(async (em) => {
    const { rows } = await sql<ListedFirm>`
      select id, name, country, registration_scheme || ' ' || registration_value as registration, verified, created_at::date::text as "signedUpOn",
        (select count(*)::int from identity.firm_group as mate where mate.first_firm_id = own.first_firm_id and mate.firm_id <> firm.id) as others
      from identity.firm left join identity.firm_group as own on own.firm_id = firm.id
      where ${unverified ? sql`not verified` : sql`true`} order by created_at desc, id
    `.execute(em.getKysely<unknown>());
    return rows;
  });
}

/** What directly links a firm with verified ones, whether it is verified itself or not yet. */
export async function findTies(room: Room, firmId: string): Promise<readonly Tie[]> {
  return room.db.asSystem().transaction(async (em) => {
    const ties = await readTiesAround(em, firmId);
    return ties.filter((tie) => tie.firmId === firmId || tie.otherFirmId === firmId);
  });
}
