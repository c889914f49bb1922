import { sql } from 'kysely';
import type { Reaction } from '../../../src/events/dispatch.js';
import { pairKeys } from './resolve-subjects.js';

/** Takes the blind keys of an exchanged matching key beside those that they replace. Again it changes nothing. */
export const hearKeysPaired: Reaction<'keys.paired'> = async (room, { data }) => {
  await room.db.asSystem().transaction((em) => pairKeys(em, data.pairs, data.exchange));
};

/** Forgets the blind keys of earlier exchanges: from now on nothing here can be found with a former matching key. Again it changes nothing. */
export const hearKeysRetired: Reaction<'keys.retired'> = async (room, { data }) => {
  await room.db.asSystem().transaction(async (em) => {
    await sql`delete from community.subject_key where exchange < ${data.exchange}`.execute(em.getKysely<unknown>());
  });
};
