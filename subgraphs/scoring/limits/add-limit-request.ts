import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { Refusal } from '../../../src/errors.js';
import type { Asker } from '../../../src/server/asker.js';
import type { Room } from '../../../src/server/room.js';
import type { Money } from '../../../src/values/money.js';
import { demandCustomer } from '../demand-customer.js';
import { CreditLimitRequestStepTable } from './credit-limit-request-step.table.js';
import { demandPerson } from './demand-person.js';
import { REQUEST_DAYS } from './request-state.js';

/** What somebody asks for. */
export interface Wish {
  readonly customerId: string;
  readonly limit: Money;
  readonly reason: string;
}

/**
 * Asks for another credit limit of a customer; returns the request's id. One request of a customer is open at a time: the same again
 * is the same request, another one is refused until the first is decided, taken back or past its last day, and set.
 */
export async function addLimitRequest(room: Room, asker: Asker, wish: Wish): Promise<string> {
  const personId = demandPerson(asker);
  await demandCustomer(room, asker.firmId, wish.customerId);
  const today = room.clock.today();
  const now = room.clock.now();
  return room.db.forFirm(asker.firmId).transaction(async (em) => {
    await demandCurrency(em, wish, today);
    await endExpired(em, wish.customerId, today);
    const { rows } = await sql<{ id: string }>`
      insert into scoring.credit_limit_request (customer_id, limit_minor, currency, reason, state, requested_by, requested_by_key, requested_at, expires_on)
      values (${wish.customerId}, ${wish.limit.minor.toString()}::bigint, ${wish.limit.currency}, ${wish.reason}, 'REQUESTED', ${personId}, ${asker.byKey ?? false}, ${now.toString()}::timestamptz,
        ${today.add({ days: REQUEST_DAYS }).toString()}::date)
      on conflict (firm_id, customer_id) where state in ('REQUESTED', 'APPROVED') do nothing returning id
    `.execute(em.getKysely<unknown>());
    const [added] = rows;
    if (!added) return findSame(em, wish, personId);
    em.create(CreditLimitRequestStepTable, { requestId: added.id, state: 'REQUESTED', at: new Date(now.epochMilliseconds), takenBy: personId, byKey: asker.byKey ?? false, note: wish.reason });
    await em.flush();
    return added.id;
  });
}

/** A limit in a currency in which the customer owes nothing, while it owes in others, would bound nothing. */
async function demandCurrency(em: EntityManager, { customerId, limit }: Wish, today: Temporal.PlainDate): Promise<void> {
  const { rows } = await sql<{ currency: string }>`
    select distinct currency from scoring.invoice_fact
    where customer_id = ${customerId} and amount_minor > 0 and issue_date <= ${today.toString()}::date and (settled_on is null or settled_on > ${today.toString()}::date)
    order by currency
  `.execute(em.getKysely<unknown>());
  const currencies = rows.map(({ currency }) => currency);
  if (currencies.length === 0 || currencies.includes(limit.currency)) return;
  throw new Refusal('INVALID', `What this customer owes is in ${currencies.join(', ')}: a limit in ${limit.currency} would bound none of it.`, ['input', 'limit', 'currency']);
}

/** A request past its last day stands in nobody's way. */
async function endExpired(em: EntityManager, customerId: string, today: Temporal.PlainDate): Promise<void> {
  await sql`
    update scoring.credit_limit_request set state = 'EXPIRED' where customer_id = ${customerId} and state = 'REQUESTED' and expires_on < ${today.toString()}::date
  `.execute(em.getKysely<unknown>());
}

/** The open request of the customer, when it is this very one. */
async function findSame(em: EntityManager, { customerId, limit, reason }: Wish, personId: string): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    select id from scoring.credit_limit_request
    where customer_id = ${customerId} and state = 'REQUESTED' and requested_by = ${personId} and limit_minor = ${limit.minor.toString()}::bigint and currency = ${limit.currency} and reason = ${reason}
  `.execute(em.getKysely<unknown>());
  const [same] = rows;
  if (!same) throw new Refusal('CONFLICT', 'A request for this customer is open: it must be decided or taken back first.', ['input', 'customerId']);
  return same.id;
}
