import { LockMode, type EntityManager } from '@mikro-orm/postgresql';
import { notFound } from '../../../src/errors.js';
import { record } from '../../../src/events/record.js';
import type { Room } from '../../../src/server/room.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import { lockGroups, regroupFirms } from '../links/regroup-firms.js';
import { demandWord, noteAction, type OperatorWord } from '../operator/note-action.js';
import { FirmTable, type FirmRow } from './firm.table.js';

/** A firm, and whether it was changed just now. */
export interface Verification {
  readonly firm: FirmRow;
  readonly changed: boolean;
}

/** Notes that somebody checked a firm's registration, finds what it is linked with, and tells the community. Again it changes nothing. */
export async function verifyFirm(room: Room, firmId: string, word: OperatorWord): Promise<Verification> {
  return setVerified(room, firmId, true, demandWord(word));
}

/** Takes that back: the firm counts for nothing from now on, and links nobody. Again it changes nothing. */
export async function unverifyFirm(room: Room, firmId: string, word: OperatorWord): Promise<Verification> {
  return setVerified(room, firmId, false, demandWord(word));
}

async function setVerified(room: Room, firmId: string, verified: boolean, word: OperatorWord): Promise<Verification> {
  return room.db.asSystem().transaction(async (em) => {
    await lockGroups(em);
    const firm = await lockFirm(em, firmId);
    if (firm.verified === verified) return { firm, changed: false };
    firm.verified = verified;
    firm.verificationRevision += 1;
    await em.flush();
    // Before it counts, community knows with whom it counts as one.
    await regroupFirms(em, room.keys.ids, [firm.id]);
    await record(em, firm.id, 'firm.verified', { verified, revision: firm.verificationRevision });
    await noteAction(em, word, verified ? 'VERIFIED' : 'UNVERIFIED', firm.id);
    return { firm, changed: true };
  });
}

async function lockFirm(em: EntityManager, firmId: string): Promise<FirmRow> {
  const firm = isUuid(firmId) ? await em.findOne(FirmTable, { id: firmId }, { lockMode: LockMode.PESSIMISTIC_WRITE }) : null;
  if (!firm) throw notFound(['firmId']);
  return firm;
}
