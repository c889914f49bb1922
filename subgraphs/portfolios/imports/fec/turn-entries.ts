import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { formatMinor } from '../../../../src/values/money.js';
import { legalUnit, type Registration } from '../../../../src/values/registration.js';
import type { WarningCode } from '../import-warning.js';
import type { StagedImport } from '../plan-import.js';
import type { TurnStaged } from '../turn-staged.js';
import { sirenOfName } from './fec-name.js';
import { findKnown, keepKnown } from './find-known.js';
import { NOTHING_KNOWN, readAccount, type AccountEntry, type AccountMatch, type ReadAccount } from './read-account.js';

/** As many entries are fetched, and as many rows are written, at a time. */
const AT_ONCE = 2_000;

interface EntryRow extends Omit<AccountEntry, 'minor'> {
  readonly account: string;
  readonly name: string | null;
  readonly minor: string;
}

/** The entries of one account, as they lie in the file. */
interface UnreadAccount {
  readonly account: string;
  readonly rows: EntryRow[];
}

/** One customer's account, read. */
interface TurnedAccount extends ReadAccount {
  readonly account: string;
  readonly name: string | null;
}

/** Turns the staged entries of a FEC into invoices, receipts and matches, one customer's account after the other. */
export const turnEntries: TurnStaged = async (em, job, told) => {
  const db = em.getKysely<unknown>();
  await warnOfAnotherFirm(em, job);
  await warnOfUnbalanced(em, job);
  await sql`
    create temp table import_side on commit drop as
    select journal, entry, entry_day, bit_or(sides) as sides from portfolios.import_entry_side where job_id = ${sql.lit(job.id)} group by journal, entry, entry_day
  `.execute(db);
  await sql`analyze import_side`.execute(db);
  await keepKnown(em, job);
  // Each account's own name is the last that its entries give.
  await sql`
    declare staged_entry no scroll cursor for
    select e.line, e.account, e.name, e.journal, e.entry, e.entry_day::text as day, e.piece, e.piece_day::text as "pieceDay", e.due_day::text as "dueDay",
      e.minor::text as minor, e.letter, e.letter_day::text as "letterDay", s.sides
    from portfolios.import_entry e join import_side s using (journal, entry, entry_day)
    where e.job_id = ${sql.lit(job.id)} order by e.account collate "C", e.entry_day, e.line
  `.execute(db);
  const writer = new Writer(em, job);
  let accounts: UnreadAccount[] = [];
  let held = 0;
  let done = 0;
  /** Reads all accounts but the last, of which more entries may come. */
  const readWhole = async (last: UnreadAccount | undefined): Promise<void> => {
    const whole = accounts.filter((account) => account !== last);
    accounts = last ? [last] : [];
    held = last?.rows.length ?? 0;
    const known = await findKnown(em, whole.map(({ account }) => account));
    for (const { account, rows } of whole) {
      await writer.write({ account, name: rows.findLast(({ name }) => name !== null)?.name ?? null, ...readAccount(rows.map(toEntry), known.get(account) ?? NOTHING_KNOWN) });
      done += rows.length;
    }
    await told(done / job.rowsAccepted);
  };
  for (;;) {
    const { rows } = await sql<EntryRow>`fetch ${sql.lit(AT_ONCE)} from staged_entry`.execute(db);
    for (const row of rows) {
      if (accounts.at(-1)?.account === row.account) accounts.at(-1)!.rows.push(row);
      else accounts.push({ account: row.account, rows: [row] });
      held += 1;
    }
    if (rows.length === 0) break;
    if (held >= AT_ONCE && accounts.length > 1) await readWhole(accounts.at(-1));
  }
  await readWhole(undefined);
  await writer.flush();
  await sql`close staged_entry`.execute(db);
  return { refused: 0 };
};

function toEntry({ line, journal, entry, day, piece, pieceDay, dueDay, minor, letter, letterDay, sides }: EntryRow): AccountEntry {
  return { line, journal, entry, day, piece, pieceDay, dueDay, minor: BigInt(minor), letter, letterDay, sides };
}

/** Books of somebody else: the file's name holds another SIREN than the firm signed up with. Nothing is said to a firm without one. */
async function warnOfAnotherFirm(em: EntityManager, job: StagedImport): Promise<void> {
  const { rows } = await sql<{ name: string | null; line: number | null } & Registration>`
    select named.name, named.line, own.scheme, own.value from portfolios.own_registration own cross join (
      select file_name as name, null::int as line from portfolios.import_job where id = ${job.id}
      union all select name, line + 1 from portfolios.import_file where job_id = ${job.id}
    ) named order by named.line nulls first limit 100
  `.execute(em.getKysely<unknown>());
  const warnings = rows.flatMap(({ name, line, ...own }) => {
    const siren = name === null ? undefined : sirenOfName(name);
    const unit = legalUnit(own);
    if (siren === undefined || !unit.startsWith('SIREN:') || unit === `SIREN:${siren}`) return [];
    return [{ line, code: 'ANOTHER_FIRM' as const, message: `The name of the file says that these are the books of SIREN ${siren}; your firm's is ${unit.slice('SIREN:'.length)}.` }];
  });
  await warn(em, job, warnings);
}

/** Names the entries whose debits and credits differ, the first of them. */
async function warnOfUnbalanced(em: EntityManager, job: StagedImport): Promise<void> {
  const db = em.getKysely<unknown>();
  const { rows } = await sql<{ line: number; journal: string; entry: string; minor: string }>`
    select min(line) as line, journal, entry, sum(balance_minor)::text as minor from portfolios.import_entry_side where job_id = ${job.id}
    group by journal, entry, entry_day having sum(balance_minor) <> 0 order by min(line) limit 20
  `.execute(db);
  await warn(em, job, rows.map(({ line, journal, entry, minor }) => ({
    line, code: 'ENTRY_UNBALANCED' as const, message: `Entry ${entry} of journal ${journal}, from line ${line}, does not balance: debits less credits are ${formatMinor(BigInt(minor), job.currency)}.`,
  })));
}

async function warn(em: EntityManager, job: StagedImport, warnings: readonly { readonly line: number | null; readonly code: WarningCode; readonly message: string }[]): Promise<void> {
  if (warnings.length === 0) return;
  await sql`
    insert into portfolios.import_warning (job_id, line, code, message)
    select ${job.id}, line, code, message from unnest(${warnings.map(({ line }) => line)}::int[], ${warnings.map(({ code }) => code)}::text[], ${warnings.map(({ message }) => message)}::text[]) as told (line, code, message)
  `.execute(em.getKysely<unknown>());
}

/** Gathers what accounts turn into and writes it, many rows at a time. */
class Writer {
  readonly #em: EntityManager;
  readonly #job: StagedImport;
  #accounts: TurnedAccount[] = [];
  #size = 0;
  /** Documents that are only named have no line of their own: below zero no row of the file has one. */
  #nameless = 0;

  constructor(em: EntityManager, job: StagedImport) {
    this.#em = em;
    this.#job = job;
  }

  async write(account: TurnedAccount): Promise<void> {
    this.#accounts.push(account);
    this.#size += account.invoices.length + account.receipts.length + account.matches.length + account.referred.length;
    if (this.#size >= AT_ONCE) await this.flush();
  }

  async flush(): Promise<void> {
    const accounts = this.#accounts;
    this.#accounts = [];
    this.#size = 0;
    await this.#writeInvoices(accounts);
    await this.#writeReferred(accounts);
    await this.#writeReceipts(accounts);
    await this.#writeMatches(accounts);
    await warn(this.#em, this.#job, accounts.flatMap(({ account, openingDiffers }) => openingDiffers === null ? [] : [{
      line: openingDiffers.line, code: 'OPENING_DIFFERS' as const,
      message: `The opening balance of ${account} is ${formatMinor(openingDiffers.saidMinor, this.#job.currency)}, but the ledger has ${formatMinor(openingDiffers.knownMinor, this.#job.currency)} of the time before; the ledger's stays.`,
    }]));
  }

  async #writeInvoices(accounts: readonly TurnedAccount[]): Promise<void> {
    const rows = accounts.flatMap(({ account, name, invoices }) => invoices.map((invoice) => ({ ...invoice, account, name })));
    if (rows.length === 0) return;
    await sql`
      insert into portfolios.import_row (job_id, line, accepted, reference, number, name, kind, issue_date, due_date, currency, amount_minor)
      select ${this.#job.id}, line, true, reference, number, name, kind, issue_date, due_date, ${this.#job.currency}, amount_minor
      from unnest(${rows.map(({ line }) => line)}::int[], ${rows.map(({ account }) => account)}::text[], ${rows.map(({ number }) => number)}::text[], ${rows.map(({ name }) => name)}::text[],
        ${rows.map(({ kind }) => kind)}::text[], ${rows.map(({ issueDay }) => issueDay)}::date[], ${rows.map(({ dueDay }) => dueDay)}::date[], ${rows.map(({ amountMinor }) => String(amountMinor))}::bigint[])
        as said (line, reference, number, name, kind, issue_date, due_date, amount_minor)
    `.execute(this.#em.getKysely<unknown>());
  }

  /** As of a refused row, only the name: a snapshot must not close as missing what its opening balances stand for. */
  async #writeReferred(accounts: readonly TurnedAccount[]): Promise<void> {
    const rows = accounts.flatMap(({ account, referred }) => referred.map((number) => ({ line: (this.#nameless -= 1), account, number })));
    if (rows.length === 0) return;
    await sql`
      insert into portfolios.import_row (job_id, line, accepted, reference, number)
      select ${this.#job.id}, line, false, reference, number
      from unnest(${rows.map(({ line }) => line)}::int[], ${rows.map(({ account }) => account)}::text[], ${rows.map(({ number }) => number)}::text[]) as said (line, reference, number)
    `.execute(this.#em.getKysely<unknown>());
  }

  async #writeReceipts(accounts: readonly TurnedAccount[]): Promise<void> {
    const rows = accounts.flatMap(({ account, name, receipts }) => receipts.map((receipt) => ({ ...receipt, account, name })));
    if (rows.length === 0) return;
    await sql`
      insert into portfolios.import_receipt (job_id, line, reference, name, receipt_reference, whole, received_on, currency, amount_minor)
      select ${this.#job.id}, line, reference, name, receipt_reference, whole, received_on, ${this.#job.currency}, amount_minor
      from unnest(${rows.map(({ line }) => line)}::int[], ${rows.map(({ account }) => account)}::text[], ${rows.map(({ name }) => name)}::text[], ${rows.map(({ reference }) => reference)}::text[],
        ${rows.map(({ isWhole }) => isWhole)}::boolean[], ${rows.map(({ receivedOn }) => receivedOn)}::date[], ${rows.map(({ amountMinor }) => String(amountMinor))}::bigint[]) as said (line, reference, name, receipt_reference, whole, received_on, amount_minor)
    `.execute(this.#em.getKysely<unknown>());
  }

  async #writeMatches(accounts: readonly TurnedAccount[]): Promise<void> {
    const rows: (AccountMatch & { readonly account: string })[] = accounts.flatMap(({ account, matches }) => matches.map((match) => ({ ...match, account })));
    if (rows.length === 0) return;
    await sql`
      insert into portfolios.import_application (job_id, line, reference, receipt_reference, credit_note_number, invoice_number, applied_on, amount_minor)
      select ${this.#job.id}, line, reference, receipt_reference, credit_note_number, invoice_number, applied_on, amount_minor
      from unnest(${rows.map(({ line }) => line)}::int[], ${rows.map(({ account }) => account)}::text[], ${rows.map(({ receiptReference }) => receiptReference)}::text[],
        ${rows.map(({ creditNoteNumber }) => creditNoteNumber)}::text[], ${rows.map(({ invoiceNumber }) => invoiceNumber)}::text[], ${rows.map(({ appliedOn }) => appliedOn)}::date[],
        ${rows.map(({ amountMinor }) => String(amountMinor))}::bigint[]) as said (line, reference, receipt_reference, credit_note_number, invoice_number, applied_on, amount_minor)
    `.execute(this.#em.getKysely<unknown>());
  }
}
