import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { invariant, Refusal } from '../../../src/errors.js';
import type { Asker } from '../../../src/server/asker.js';
import type { Room } from '../../../src/server/room.js';
import { isoOf } from '../../../src/values/day.js';
import { parseMinor } from '../../../src/values/money.js';
import { demandCustomer } from '../demand-customer.js';
import { markRescoreDue } from '../score/mark-rescore-due.js';
import { FIGURES, findFault, type FigureName, type Figures } from './figures.js';

/** A first business year of a French company may last up to two years; no other period is as long. */
const MOST_MONTHS = 24;
/** Nobody decides on older figures: a day before that is a typing error. */
const OLDEST_YEARS = 20;

/** A statement as it is sent: its figures are decimals of its currency. */
export interface SentStatement {
  readonly customerId: string;
  readonly periodEnd: Temporal.PlainDate;
  readonly months: number;
  readonly currency: string;
  readonly figures: Readonly<Partial<Record<FigureName, string | null>>>;
}

/**
 * Takes the financial statement of one period of a customer, and returns its id. The same again changes nothing; another
 * content for the same period takes its place, and what was there before is kept with who sent it and when.
 */
export async function upsertStatement(room: Room, asker: Asker, sent: SentStatement): Promise<string> {
  const today = room.clock.today();
  demandPeriod(sent, today);
  const figures = demandFigures(sent);
  await demandCustomer(room, asker.firmId, sent.customerId);
  return room.db.forFirm(asker.firmId).transaction(async (em) => {
    const db = em.getKysely<unknown>();
    const { id, latest } = await lockStatement(em, sent.customerId, sent.periodEnd);
    const written = writeFigures(figures);
    if (latest?.figures) {
      if (latest.currency !== sent.currency) throw new Refusal('CONFLICT', `The statement of this period is in ${latest.currency}; withdraw it first.`, ['input', 'currency']);
      if (latest.months === sent.months && FIGURES.every((name) => (latest.figures?.[name] ?? null) === written[name])) return id;
    }
    await sql`
      insert into scoring.statement_version (statement_id, version, months, currency, figures, recorded_on, recorded_at, recorded_by, by_key)
      values (${id}, ${(latest?.version ?? 0) + 1}, ${sent.months}, ${sent.currency}, ${JSON.stringify(written)}::jsonb, ${isoOf(today)}::date,
        ${room.clock.now().toString()}::timestamptz, ${asker.userId ?? null}::uuid, ${asker.byKey ?? false})
    `.execute(db);
    await markRescoreDue(em, sql`select ${sent.customerId}::uuid`);
    return id;
  });
}

function demandPeriod({ periodEnd, months }: SentStatement, today: Temporal.PlainDate): void {
  if (Temporal.PlainDate.compare(periodEnd, today) > 0) throw new Refusal('INVALID', 'A period that has not ended has no statement.', ['input', 'periodEnd']);
  if (Temporal.PlainDate.compare(periodEnd, today.subtract({ years: OLDEST_YEARS })) < 0) throw new Refusal('INVALID', `A statement is at most ${OLDEST_YEARS} years old.`, ['input', 'periodEnd']);
  if (months < 1 || months > MOST_MONTHS) throw new Refusal('INVALID', `A period has 1 to ${MOST_MONTHS} months.`, ['input', 'months']);
}

function demandFigures({ currency, figures: sent }: SentStatement): Figures {
  const entries = FIGURES.map((name) => {
    const text = sent[name];
    if (text === undefined || text === null) return [name, null] as const;
    const minor = parseMinor(text, currency);
    if (minor === undefined) throw new Refusal('INVALID', `The amount has more digits than ${currency} has, or is too large.`, ['input', name]);
    return [name, minor] as const;
  });
  // The door demands every figure that may not be null.
  const figures = Object.fromEntries(entries) as unknown as Figures;
  const fault = findFault(figures);
  if (fault) throw new Refusal('INVALID', fault.why, ['input', fault.figure]);
  return figures;
}

function writeFigures(figures: Figures): Readonly<Record<FigureName, string | null>> {
  return Object.fromEntries(FIGURES.map((name) => [name, figures[name]?.toString() ?? null])) as Record<FigureName, string | null>;
}

/** A version as it stands in the database. */
export interface StatementVersion {
  readonly version: number;
  readonly months: number;
  readonly currency: string;
  /** Null: withdrawn. */
  readonly figures: Readonly<Record<FigureName, string | null>> | null;
}

/** The statement of a period, made if need be and locked until the transaction ends: two versions at once come one after the other. */
async function lockStatement(em: EntityManager, customerId: string, periodEnd: Temporal.PlainDate): Promise<{ readonly id: string; readonly latest: StatementVersion | undefined }> {
  const db = em.getKysely<unknown>();
  const day = isoOf(periodEnd);
  await sql`insert into scoring.statement (customer_id, period_end) values (${customerId}, ${day}::date) on conflict (firm_id, customer_id, period_end) do nothing`.execute(db);
  const { rows: [statement] } = await sql<{ id: string }>`select id from scoring.statement where customer_id = ${customerId} and period_end = ${day}::date for update`.execute(db);
  invariant(statement, 'a statement just inserted is there');
  return { id: statement.id, latest: await readLatestVersion(em, statement.id) };
}

/** The newest version of a statement that the transaction has locked. */
export async function readLatestVersion(em: EntityManager, statementId: string): Promise<StatementVersion | undefined> {
  const { rows } = await sql<StatementVersion>`
    select version, months, currency, figures from scoring.statement_version where statement_id = ${statementId} order by version desc limit 1
  `.execute(em.getKysely<unknown>());
  return rows[0];
}
