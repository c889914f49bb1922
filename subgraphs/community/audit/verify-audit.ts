import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import type { Room } from '../../../src/server/room.js';
import { faultOfLink, type LinkFault } from '../../../src/values/hash-chain.js';
import { hashOfEntry, type AuditEntry } from './audit-entry.js';
import { readAuditEntries, readAuditHead } from './read-audit.js';

/** Entries read at a time. */
const BATCH = 5000;

/** The first entry that does not stand, and why. */
export interface BrokenAuditEntry {
  readonly number: number;
  readonly reason: LinkFault | 'REPORT_CHANGED' | 'CUT_OFF' | 'UNKNOWN_HASH';
}

export interface VerifiedAudit {
  readonly entries: number;
  /** The hash of the last entry, for somebody outside to keep; null: there is none. */
  readonly head: string | null;
  /** Null: all stand. */
  readonly broken: BrokenAuditEntry | null;
}

/**
 * Recomputes the audit log and names the first entry that does not stand: flipped, taken out, exchanged, cut off; or of which
 * the report is not what it was. `kept`, a hash from an earlier run, shows also a tail that was cut off by somebody who forged
 * the head too. Changes nothing.
 */
export async function verifyAudit(room: Room, kept?: string): Promise<VerifiedAudit> {
  return room.db.asSystem().transaction(async (em) => {
    // Read first: what is entered meanwhile lies behind it.
    const head = await readAuditHead(em);
    const broken = (number: number, reason: BrokenAuditEntry['reason'], entries: number): VerifiedAudit => ({ entries, head: head.hash, broken: { number, reason } });
    let before: AuditEntry | undefined;
    let hasKept = kept === undefined;
    while ((before?.number ?? 0) < head.number) {
      const after = before?.number ?? 0;
      const batch = (await readAuditEntries(em, before === undefined ? -2_147_483_648 : after + 1, BATCH)).filter(({ number }) => number <= head.number);
      if (batch.length === 0) return broken(after + 1, 'CUT_OFF', after);
      for (const entry of batch) {
        const number: number = (before?.number ?? 0) + 1;
        const fault = faultOfLink(entry, before, hashOfEntry);
        if (fault) return broken(number, fault, number - 1);
        hasKept ||= entry.hash === kept;
        before = entry;
      }
      const changed = await findChangedReport(em, batch);
      if (changed !== undefined) return broken(changed, 'REPORT_CHANGED', changed - 1);
    }
    if ((before?.hash ?? null) !== head.hash) return broken(head.number, 'CUT_OFF', before?.number ?? 0);
    if ((await readAuditEntries(em, head.number + 1, 1)).length > 0 && (await readAuditHead(em)).number === head.number) return broken(head.number + 1, 'CHAIN_BROKEN', head.number);
    if (!hasKept) return broken(head.number + 1, 'UNKNOWN_HASH', head.number);
    return { entries: head.number, head: head.hash, broken: null };
  });
}

/** The number of the first entry about a report that is gone, or that holds another reason or other texts than when it was made. */
async function findChangedReport(em: EntityManager, batch: readonly AuditEntry[]): Promise<number | undefined> {
  const entered = batch.filter(({ action }) => action === 'CONVERSATION_REPORTED').map(({ number, firmId, detail }) => {
    const [reportId, digest] = (detail ?? '').split(' ');
    return { number, firmId, reportId, digest };
  });
  if (entered.length === 0) return undefined;
  const { rows } = await sql<{ number: string }>`
    select entered.number
    from jsonb_to_recordset(${JSON.stringify(entered)}::jsonb) as entered (number bigint, "firmId" uuid, "reportId" uuid, digest text)
    left join community.conversation_report as report on report.firm_id = entered."firmId" and report.id = entered."reportId"
    left join community.report_text as held on held.firm_id = report.firm_id and held.report_id = report.id
    where report.digest is distinct from entered.digest
      -- Only of a report that was handled are the texts erased.
      or case when held.content is null then not exists (select from community.report_handled as handled where handled.report_id = report.id)
        else encode(sha256(convert_to(held.content, 'UTF8')), 'hex') <> entered.digest end
    order by entered.number limit 1
  `.execute(em.getKysely<unknown>());
  return rows[0] && Number(rows[0].number);
}
