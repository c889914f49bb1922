import { LockMode } from '@mikro-orm/postgresql';
import type { FirmDatabase } from '../../../src/database/room-database.js';
import { notFound, Refusal } from '../../../src/errors.js';
import type { Asker } from '../../../src/server/asker.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import { tellCustomerChange } from '../ledger/tell-customer-change.js';
import { demandNote } from './demand-note.js';
import type { DisputeOutcome } from './dispute-reason.js';
import { DisputeTable } from './dispute.table.js';

export interface Resolution {
  readonly id: string;
  readonly outcome: DisputeOutcome;
  /** Left out: today. */
  readonly resolvedOn: Temporal.PlainDate | undefined;
  readonly note: string | null;
}

/** Ends a dispute. The same again changes nothing; another outcome is refused. What is owed does not change by it. */
export async function resolveDispute(firm: FirmDatabase, asker: Asker, resolution: Resolution, today: Temporal.PlainDate): Promise<void> {
  const note = demandNote(resolution.note, ['input', 'note']);
  if (!isUuid(resolution.id)) throw notFound(['input', 'id']);
  const resolvedOn = (resolution.resolvedOn ?? today).toString();
  if (resolvedOn > today.toString()) throw new Refusal('INVALID', 'A dispute is not resolved in the future.', ['input', 'resolvedOn']);
  await firm.transaction(async (em) => {
    const dispute = await em.findOne(DisputeTable, { id: resolution.id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
    if (!dispute) throw notFound(['input', 'id']);
    if (dispute.resolvedOn) {
      const differing =
        dispute.outcome !== resolution.outcome ? 'outcome'
        : (dispute.resolutionNote ?? null) !== note ? 'note'
        : resolution.resolvedOn && dispute.resolvedOn !== resolvedOn ? 'resolvedOn'
        : undefined;
      if (differing) throw new Refusal('CONFLICT', 'This dispute was resolved otherwise.', ['input', differing]);
      return;
    }
    if (resolvedOn < dispute.openedOn) throw new Refusal('INVALID', 'A dispute is not resolved before it is opened.', ['input', 'resolvedOn']);
    dispute.resolvedOn = resolvedOn;
    dispute.outcome = resolution.outcome;
    dispute.resolutionNote = note;
    dispute.resolvedBy = asker.userId ?? null;
    await em.flush();
    await tellCustomerChange(em, asker.firmId, today, dispute.customerId);
  });
}
