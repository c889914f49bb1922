import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { sql } from 'kysely';
import { Request } from '../src/server/request.js';
import { daysBetween } from '../src/values/day.js';
import { checkDueFigures, checkFigures } from '../subgraphs/portfolios/figures/check-figures.js';
import { compactDueFigures, compactFigures } from '../subgraphs/portfolios/figures/compact-figures.js';
import { readBuckets, readCurrency, readGroups, readMonthlySales, readSales, readSettled, readTrend, readUnapplied, type Scope } from '../subgraphs/portfolios/indicators/read-sums.js';
import { startHouse, type FirmVisitor, type TestHouse } from './house.js';

let house: TestHouse;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

const START = Temporal.PlainDate.from('2026-01-01');
const dayOf = (offset: number): string => START.add({ days: offset }).toString();
const CURRENCIES = ['EUR', 'USD'] as const;
const BOUNDS = [30, 60];

type Step =
  | { readonly do: 'invoice'; readonly customer: number; readonly number: number; readonly kind: 'INVOICE' | 'CREDIT_NOTE'; readonly currency: string; readonly issued: number; readonly terms: number; readonly amount: number }
  | { readonly do: 'pay'; readonly customer: number; readonly currency: string; readonly on: number; readonly amount: number; readonly numbers: readonly number[] }
  | { readonly do: 'import'; readonly mode: 'DELTA' | 'SNAPSHOT'; readonly says: 'settled' | 'open' | 'nothing'; readonly rows: readonly { readonly customer: number; readonly number: number; readonly kind: 'INVOICE' | 'CREDIT_NOTE'; readonly currency: string; readonly issued: number; readonly terms: number; readonly amount: number; readonly delay: number | null }[] }
  | { readonly do: 'credit'; readonly on: number }
  | { readonly do: 'cancel'; readonly pick: number }
  | { readonly do: 'takeBack'; readonly pick: number }
  | { readonly do: 'move'; readonly pick: number; readonly on: number }
  | { readonly do: 'receive'; readonly on: number; readonly amount: number; readonly currency: string }
  | { readonly do: 'compact' };

const day = fc.integer({ min: 0, max: 120 });
const document = {
  customer: fc.integer({ min: 0, max: 2 }), number: fc.integer({ min: 0, max: 5 }), kind: fc.constantFrom('INVOICE' as const, 'INVOICE' as const, 'INVOICE' as const, 'CREDIT_NOTE' as const),
  currency: fc.constantFrom('EUR', 'EUR', 'USD'), issued: day, terms: fc.integer({ min: 0, max: 60 }), amount: fc.integer({ min: 1, max: 500 }),
};
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('invoice' as const), ...document }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('pay' as const), customer: document.customer, currency: document.currency, on: day, amount: fc.integer({ min: 1, max: 900 }), numbers: fc.uniqueArray(document.number, { maxLength: 3 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('import' as const), mode: fc.constantFrom('DELTA' as const, 'SNAPSHOT' as const), says: fc.constantFrom('settled' as const, 'open' as const, 'nothing' as const),
      rows: fc.uniqueArray(fc.record({ ...document, delay: fc.option(fc.integer({ min: 0, max: 90 })) }), { minLength: 1, maxLength: 8, selector: ({ customer, number }) => `${customer} ${number}` }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('credit' as const), on: day }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cancel' as const), pick: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('takeBack' as const), pick: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('move' as const), pick: fc.nat(20), on: day }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('receive' as const), on: day, amount: fc.integer({ min: 1, max: 900 }), currency: document.currency }) },
  { weight: 1, arbitrary: fc.constant({ do: 'compact' as const }) },
);

/** A firm whose ledger steps change, through the public door where there is one. What a step may not do is refused, and changes nothing. */
class Ledger {
  #payments = 0;

  constructor(
    readonly firm: FirmVisitor,
    readonly customerIds: readonly string[],
  ) {}

  static async open(): Promise<Ledger> {
    const firm = await house.firm();
    const ids: string[] = [];
    for (const reference of ['C0', 'C1', 'C2']) {
      const { customerUpsert } = await firm.get<{ customerUpsert: { customer: { id: string } } }>('mutation ($input: CustomerUpsertInput!) { customerUpsert(input: $input) { customer { id } } }', { input: { reference, name: reference } });
      ids.push(customerUpsert.customer.id);
    }
    return new Ledger(firm, ids);
  }

  get db() {
    return house.running.rooms.portfolios.room.db.forFirm(this.firm.firmId);
  }

  async rows<Row>(statement: ReturnType<typeof sql<Row>>): Promise<readonly Row[]> {
    return this.db.transaction(async (em) => (await statement.execute(em.getKysely<unknown>())).rows);
  }

  async take(what: Step): Promise<void> {
    switch (what.do) {
      case 'invoice':
        await this.firm.get('mutation ($input: InvoiceUpsertInput!) { invoiceUpsert(input: $input) { userErrors { code } } }', {
          input: {
            customerId: this.customerIds[what.customer], number: `F${what.number}`, kind: what.kind, issueDate: dayOf(what.issued), dueDate: dayOf(what.issued + what.terms),
            amount: { amount: `${what.amount}`, currency: what.currency },
          },
        });
        return;
      case 'pay':
        await this.firm.get('mutation ($input: PaymentRecordInput!) { paymentRecord(input: $input) { userErrors { code } } }', {
          input: {
            customerId: this.customerIds[what.customer], reference: `P${(this.#payments += 1)}`, receivedOn: dayOf(what.on), amount: { amount: `${what.amount}`, currency: what.currency },
            invoiceNumbers: what.numbers.map((number) => `F${number}`),
          },
        });
        return;
      case 'import':
        await this.#import(what);
        return;
      case 'credit':
        // No mutation applies a credit note to an invoice: imports of other formats do.
        await this.rows(sql`
          with pair as (
            select i.id as invoice_id, n.id as note_id, i.customer_id, least(i.amount_minor - i.applied_minor, n.amount_minor - n.applied_minor) as minor,
              greatest(i.issue_date, n.issue_date, ${dayOf(what.on)}::date) as day
            from portfolios.invoice i join portfolios.invoice n on n.customer_id = i.customer_id and n.currency = i.currency
            where i.kind = 'INVOICE' and n.kind = 'CREDIT_NOTE' and not i.cancelled and not n.cancelled and i.settled_on is null and n.settled_on is null order by i.id, n.id limit 1 for update
          ) insert into portfolios.application (customer_id, invoice_id, credit_note_id, applied_on, amount_minor) select customer_id, invoice_id, note_id, day, minor from pair`);
        await this.#settle();
        return;
      case 'cancel':
        await this.rows(sql`update portfolios.invoice set cancelled = not cancelled, revision = revision + 1 where id = (select id from portfolios.invoice order by id offset ${what.pick} % greatest((select count(*) from portfolios.invoice), 1) limit 1)`);
        return;
      case 'takeBack':
        await this.rows(sql`delete from portfolios.application where id = (select id from portfolios.application order by id offset ${what.pick} % greatest((select count(*) from portfolios.application), 1) limit 1)`);
        await this.#settle();
        return;
      case 'move':
        // Dates corrected by whatever way there will be.
        await this.rows(sql`
          update portfolios.application u set applied_on = greatest(${dayOf(what.on)}::date, i.issue_date), amount_minor = greatest(u.amount_minor - 7, 1)
          from portfolios.invoice i where i.id = u.invoice_id and u.id = (select id from portfolios.application order by id offset ${what.pick} % greatest((select count(*) from portfolios.application), 1) limit 1)`);
        await this.#settle();
        await this.rows(sql`update portfolios.receipt set received_on = ${dayOf(what.on)} where id = (select id from portfolios.receipt order by id offset ${what.pick} % greatest((select count(*) from portfolios.receipt), 1) limit 1)`);
        return;
      case 'receive':
        // Money from somebody unknown, as a bank statement brings it.
        await this.rows(sql`insert into portfolios.receipt (customer_id, reference, received_on, currency, amount_minor) values (null, ${`R${(this.#payments += 1)}`}, ${dayOf(what.on)}, ${what.currency}, ${what.amount * 100})`);
        return;
      case 'compact':
        await compactFigures(this.db, this.firm.firmId);
    }
  }

  /** What is applied follows from the applications. */
  async #settle(): Promise<void> {
    const applied = sql`
      select coalesce(sum(a.amount_minor), 0) as minor, max(a.applied_on) as day from portfolios.application a where a.invoice_id = i.id or a.credit_note_id = i.id`;
    await this.rows(sql`
      update portfolios.invoice u set applied_minor = s.minor, settled_on = case when s.minor = u.amount_minor then s.day end, revision = revision + 1
      from (select i.id, applied.minor, applied.day from portfolios.invoice i cross join lateral (${applied}) applied) s where s.id = u.id and (s.minor <> u.applied_minor or (s.minor = u.amount_minor and s.day <> u.settled_on))`);
    await this.rows(sql`
      update portfolios.receipt u set applied_minor = s.minor
      from (select r.id, (select coalesce(sum(a.amount_minor), 0) from portfolios.application a where a.receipt_id = r.id) as minor from portfolios.receipt r) s where s.id = u.id and s.minor <> u.applied_minor`);
  }

  async #import({ mode, says, rows }: Extract<Step, { do: 'import' }>): Promise<void> {
    const { importCreate } = await this.firm.get<{ importCreate: { job: { id: string; uploadUrl: string } } }>('mutation ($input: ImportInput!) { importCreate(input: $input) { job { id uploadUrl } userErrors { code } } }', { input: { format: 'CSV', mode } });
    const column = { settled: 'settled_on', open: 'open_amount', nothing: 'customer_name' }[says];
    const lines = rows.map(({ customer, number, kind, currency, issued, terms, amount, delay }) => {
      const cell = says === 'settled' ? (delay === null ? '' : dayOf(issued + delay)) : says === 'open' ? `${delay === null ? amount : Math.max(0, amount - delay)}` : '';
      return `C${customer},F${number},${kind},${dayOf(issued)},${dayOf(issued + terms)},${currency},${amount},${cell}`;
    });
    const file = [`customer_reference,invoice_number,invoice_kind,issue_date,due_date,currency,amount,${column}`, ...lines].join('\n');
    const response = await fetch(importCreate.job.uploadUrl, { method: 'PUT', body: file, headers: { authorization: `Bearer ${this.firm.token}` } });
    await response.text();
    const deadline = Date.now() + 15_000;
    for (;;) {
      const { importJob } = await this.firm.get<{ importJob: { status: string } }>('query ($id: ID!) { importJob(id: $id) { status } }', { id: importCreate.job.id });
      if (importJob.status === 'COMPLETED' || importJob.status === 'FAILED') return;
      if (Date.now() > deadline) throw new Error(`the import is still ${importJob.status}`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
}

interface InvoiceRow { readonly id: string; readonly customerId: string; readonly kind: string; readonly currency: string; readonly issued: string; readonly due: string; readonly settled: string | null; readonly minor: string; readonly cancelled: boolean }
interface ReceiptRow { readonly id: string; readonly customerId: string | null; readonly currency: string; readonly received: string; readonly minor: string }
interface ApplicationRow { readonly invoiceId: string; readonly noteId: string | null; readonly receiptId: string | null; readonly on: string; readonly minor: string }
interface Rows { readonly invoices: readonly InvoiceRow[]; readonly receipts: readonly ReceiptRow[]; readonly applications: readonly ApplicationRow[] }

async function rowsOf(ledger: Ledger): Promise<Rows> {
  return {
    invoices: await ledger.rows(sql<InvoiceRow>`select id, customer_id as "customerId", kind, currency, issue_date::text as issued, due_date::text as due, settled_on::text as settled, amount_minor::text as minor, cancelled from portfolios.invoice`),
    receipts: await ledger.rows(sql<ReceiptRow>`select id, customer_id as "customerId", currency, received_on::text as received, amount_minor::text as minor from portfolios.receipt`),
    applications: await ledger.rows(sql<ApplicationRow>`select invoice_id as "invoiceId", credit_note_id as "noteId", receipt_id as "receiptId", applied_on::text as on, amount_minor::text as minor from portfolios.application`),
  };
}

const WINDOW_DAYS = 45;

/** INDICATORS.md word by word, over every row. */
function recompute({ invoices, receipts, applications }: Rows, customerId: string | null, currency: string, asOf: string): Record<string, unknown> {
  const own = <Row extends { readonly customerId: string | null; readonly currency: string }>(row: Row): boolean => (customerId === null || row.customerId === customerId) && row.currency === currency;
  const until = Temporal.PlainDate.from(asOf);
  const after = until.subtract({ days: WINDOW_DAYS }).toString();
  const applied = (where: (application: ApplicationRow) => boolean): bigint => applications.filter((application) => where(application) && application.on <= asOf).reduce((sum, { minor }) => sum + BigInt(minor), 0n);
  const buckets = [0, ...BOUNDS, Infinity].map(() => ({ minor: 0n, invoiceCount: 0 }));
  let sales = 0n;
  let unapplied = 0n;
  const months = new Map<string, bigint>();
  const settled = { invoiceCount: 0, lateCount: 0, amountMinor: 0n, amountDaysMinor: 0n };
  for (const invoice of invoices.filter(own).filter(({ cancelled }) => !cancelled)) {
    const { id, kind, issued, due } = invoice;
    const minor = BigInt(invoice.minor);
    const signed = kind === 'INVOICE' ? minor : -minor;
    if (issued > after && issued <= asOf) sales += signed;
    if (issued <= asOf) months.set(`${issued.slice(0, 7)}-01`, (months.get(`${issued.slice(0, 7)}-01`) ?? 0n) + signed);
    if (kind === 'CREDIT_NOTE' && issued <= asOf) unapplied += minor - applied(({ invoiceId, noteId }) => noteId === id || invoiceId === id);
    if (kind !== 'INVOICE') continue;
    if (issued <= asOf && !(invoice.settled !== null && invoice.settled <= asOf)) {
      const daysPastDue = daysBetween(Temporal.PlainDate.from(due), until);
      const bucket = buckets[[0, ...BOUNDS, Infinity].findIndex((bound) => daysPastDue <= bound)]!;
      bucket.minor += minor - applied(({ invoiceId }) => invoiceId === id);
      bucket.invoiceCount += 1;
    }
    if (invoice.settled !== null && invoice.settled > after && invoice.settled <= asOf) {
      settled.invoiceCount += 1;
      if (invoice.settled > due) settled.lateCount += 1;
      settled.amountMinor += minor;
      settled.amountDaysMinor += minor * BigInt(daysBetween(Temporal.PlainDate.from(due), Temporal.PlainDate.from(invoice.settled)));
    }
  }
  for (const { id, minor, received } of receipts.filter(own)) if (received <= asOf) unapplied += BigInt(minor) - applied(({ receiptId }) => receiptId === id);
  return { buckets, sales, unapplied, settled, months: Object.fromEntries([...months].filter(([, minor]) => minor !== 0n).toSorted()) };
}

async function answers(request: Request, scope: Scope): Promise<Record<string, unknown>> {
  const after = scope.asOf.subtract({ days: WINDOW_DAYS });
  const [buckets, sales, unapplied, settled, months] = await Promise.all([
    readBuckets(request, scope, BOUNDS), readSales(request, scope, after), readUnapplied(request, scope), readSettled(request, scope, after), readMonthlySales(request, scope),
  ]);
  return {
    buckets: buckets.value.map(({ minor, invoiceCount }) => ({ minor, invoiceCount })), sales, unapplied: unapplied.value, settled,
    months: Object.fromEntries(months.filter(({ salesMinor }) => salesMinor !== 0n).map(({ monthStart, salesMinor }) => [monthStart.toString(), salesMinor]).toSorted()),
  };
}

/** What is open and overdue, of how many invoices. */
function balanceOf(rows: Rows, customerId: string | null, currency: string, asOf: string): { readonly outstandingMinor: bigint; readonly overdueMinor: bigint; readonly invoiceCount: number } {
  const buckets = recompute(rows, customerId, currency, asOf)['buckets'] as readonly { readonly minor: bigint; readonly invoiceCount: number }[];
  const outstandingMinor = buckets.reduce((sum, { minor }) => sum + minor, 0n);
  return { outstandingMinor, overdueMinor: outstandingMinor - buckets[0]!.minor, invoiceCount: buckets.reduce((sum, { invoiceCount }) => sum + invoiceCount, 0) };
}

/** The last three months up to a day, the last one cut at the day. */
function recomputeTrend(rows: Rows, currency: string, asOf: Temporal.PlainDate): readonly Record<string, unknown>[] {
  return [2, 1, 0].map((ago) => {
    const first = asOf.with({ day: 1 }).subtract({ months: ago });
    const lastDay = ago === 0 ? asOf : first.add({ months: 1 }).subtract({ days: 1 });
    const on = lastDay.toString();
    const sold = (from: string): bigint =>
      rows.invoices.filter((invoice) => !invoice.cancelled && invoice.currency === currency && invoice.issued >= from && invoice.issued <= on).reduce((sum, { kind, minor }) => sum + (kind === 'INVOICE' ? BigInt(minor) : -BigInt(minor)), 0n);
    const collected = rows.applications.filter((application) => {
      const invoice = rows.invoices.find(({ id }) => id === application.invoiceId)!;
      return application.noteId === null && invoice.kind === 'INVOICE' && !invoice.cancelled && invoice.currency === currency && application.on >= first.toString() && application.on <= on;
    });
    const { outstandingMinor, overdueMinor } = balanceOf(rows, null, currency, on);
    return { lastDay: on, outstandingMinor, overdueMinor, salesMinor: sold(first.toString()), collectedMinor: collected.reduce((sum, { minor }) => sum + BigInt(minor), 0n), recentSalesMinor: sold(lastDay.subtract({ days: 89 }).toString()) };
  });
}

function readerOf(ledger: Ledger): Request {
  return new Request(house.running.rooms.portfolios.room, { asker: { firmId: ledger.firm.firmId, userId: undefined, role: 'OWNER', scopes: ['ledger:read'] }, requestId: 'figures', origin: house.url });
}

async function expectExact(ledger: Ledger, days: readonly string[]): Promise<void> {
  const rows = await rowsOf(ledger);
  const request = readerOf(ledger);
  const cases = [null, ...ledger.customerIds].flatMap((customerId) => CURRENCIES.flatMap((currency) => days.map((asOf) => ({ customerId, currency, asOf }))));
  const found = await Promise.all(cases.map(({ customerId, currency, asOf }) => answers(request, { customerId, currency, asOf: Temporal.PlainDate.from(asOf) })));
  for (const currency of CURRENCIES) {
    for (const asOf of days) {
      const scope: Scope = { customerId: null, currency, asOf: Temporal.PlainDate.from(asOf) };
      const [trend, groups] = await Promise.all([readTrend(request, scope, 3), readGroups(request, scope, 'byCustomer', 2)]);
      expect({ currency, asOf, trend: trend.value.map((month) => ({ ...month, lastDay: month.lastDay.toString() })) }).toEqual({ currency, asOf, trend: recomputeTrend(rows, currency, scope.asOf) });
      const owing = ledger.customerIds.map((key) => ({ key, ...balanceOf(rows, key, currency, asOf) })).filter(({ invoiceCount }) => invoiceCount > 0).toSorted((one, other) => (one.outstandingMinor === other.outstandingMinor ? (one.key < other.key ? -1 : 1) : one.outstandingMinor > other.outstandingMinor ? -1 : 1));
      expect({ currency, asOf, groups: groups.value.largest }).toEqual({ currency, asOf, groups: owing.slice(0, 2).map((owed) => expect.objectContaining(owed)) });
      expect(groups.value.whole).toEqual(expect.objectContaining(balanceOf(rows, null, currency, asOf)));
    }
  }
  cases.forEach(({ customerId, currency, asOf }, index) => expect({ customerId, currency, asOf, ...found[index] }).toEqual({ customerId, currency, asOf, ...recompute(rows, customerId, currency, asOf) }));
}

test('after any changes of the ledger, figures of any day equal a recomputation from its rows, compacted or not', async () => {
  const today = house.running.rooms.portfolios.room.clock.today().toString();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 16 }), fc.array(fc.integer({ min: -5, max: 220 }), { minLength: 2, maxLength: 3 }), async (steps, offsets) => {
      const ledger = await Ledger.open();
      for (const each of steps) await ledger.take(each);
      const days = [...offsets.map(dayOf), today, '2099-12-31'];
      await expectExact(ledger, days);
      expect(await checkFigures(ledger.db, ledger.firm.firmId)).toEqual([]);
      await compactFigures(ledger.db, ledger.firm.firmId);
      await expectExact(ledger, days);
      expect(await checkFigures(ledger.db, ledger.firm.firmId)).toEqual([]);
    }),
    { numRuns: 12, interruptAfterTimeLimit: 15_000, markInterruptAsFailure: false },
  );
}, 60_000);

test('a figure that is not what the ledger makes it is found, told and mended', async () => {
  const ledger = await Ledger.open();
  await ledger.take({ do: 'invoice', customer: 0, number: 1, kind: 'INVOICE', currency: 'EUR', issued: 0, terms: 30, amount: 100 });
  await ledger.rows(sql`insert into portfolios.due_open (currency, due_date, open_minor, open_count) values ('EUR', '2026-01-31', 500, 2)`);
  await ledger.rows(sql`delete from portfolios.customer_count`);
  const scope: Scope = { customerId: null, currency: 'EUR', asOf: Temporal.PlainDate.from('2026-02-01') };
  const open = async (): Promise<unknown> => {
    const request = readerOf(ledger);
    const { value } = await readBuckets(request, scope, []);
    return value.map(({ minor }) => minor);
  };
  expect(await open()).toEqual([0n, 10_500n]);
  expect(await checkFigures(ledger.db, ledger.firm.firmId)).toEqual([
    { table: 'due_open', row: { currency: 'EUR', due_date: '2026-01-31', open_minor: '-500', open_count: '-2' } },
    { table: 'customer_count', row: { customer_count: '3' } },
  ]);
  expect(await open()).toEqual([0n, 10_000n]);
  expect(await checkFigures(ledger.db, ledger.firm.firmId)).toEqual([]);
  expect(await ledger.firm.get('{ portfolio { customerCount } }')).toEqual({ portfolio: { customerCount: 3 } });
});

test('figures are right at every moment while many write and their rows are compacted, twice at once', async () => {
  const ledger = await Ledger.open();
  const room = house.running.rooms.portfolios.room;
  const scope: Scope = { customerId: null, currency: 'EUR', asOf: START };
  const written = new AbortController();
  const compacting = [1, 2].map(async () => {
    while (!written.signal.aborted) await compactFigures(ledger.db, ledger.firm.firmId);
  });
  const seen: bigint[] = [];
  const reading = (async () => {
    while (!written.signal.aborted) {
      const { value } = await readBuckets(readerOf(ledger), scope, []);
      expect(value[0]!.minor).toBe(BigInt(value[0]!.invoiceCount) * 1000n);
      seen.push(value[0]!.minor);
    }
  })();
  const numbers = Array.from({ length: 60 }, (_, number) => number);
  await Promise.all([0, 1, 2].map(async (customer) => {
    for (const number of numbers.filter((each) => each % 3 === customer)) await ledger.take({ do: 'invoice', customer, number, kind: 'INVOICE', currency: 'EUR', issued: 0, terms: 30, amount: 10 });
  }));
  written.abort();
  await Promise.all([...compacting, reading]);
  expect(seen.toSorted((one, other) => Number(one - other))).toEqual(seen);
  expect((await readBuckets(readerOf(ledger), scope, [])).value[0]).toMatchObject({ minor: 60_000n, invoiceCount: 60 });
  expect(await checkFigures(ledger.db, ledger.firm.firmId)).toEqual([]);
  // Sixty invoices of one day are one row, once the job finds that there are many.
  await ledger.rows(sql`insert into portfolios.due_open (currency, due_date, open_minor, open_count) select 'EUR', '2026-01-31', 0, 0 from generate_series(1, 200)`);
  await compactDueFigures.run(room);
  expect(await ledger.rows(sql`select due_date::text as due_date, open_minor::text as open_minor, open_count::int as open_count from portfolios.due_open`)).toEqual([{ due_date: '2026-01-31', open_minor: '60000', open_count: 60 }]);
});

test('once a day a firm is counted anew and mended', async () => {
  const ledger = await Ledger.open();
  await ledger.take({ do: 'invoice', customer: 0, number: 1, kind: 'INVOICE', currency: 'EUR', issued: 0, terms: 30, amount: 100 });
  await ledger.take({ do: 'compact' });
  await ledger.rows(sql`delete from portfolios.ledger_day`);
  const room = { ...house.running.rooms.portfolios.room };
  const days = async (): Promise<number> => (await ledger.rows(sql<{ count: number }>`select count(*)::int as count from portfolios.ledger_day`))[0]!.count;
  await checkDueFigures.run(room);
  expect(await days()).toBe(0);
  await ledger.rows(sql`update portfolios.figure_check set checked_at = checked_at - interval '25 hours'`);
  await checkDueFigures.run(room);
  // What opened on its issue date, and what became overdue the day after its due date.
  expect(await days()).toBe(2);
  expect(await checkFigures(ledger.db, ledger.firm.firmId)).toEqual([]);
});

test('a customer or a portfolio without a currency of its own has the default one', async () => {
  const ledger = await Ledger.open();
  const currencies = async (): Promise<readonly string[]> => {
    const request = readerOf(ledger);
    const found = await Promise.all([null, ...ledger.customerIds].map((customerId) => readCurrency(request, { customerId, currency: null, asOf: START })));
    return found;
  };
  expect(await currencies()).toEqual(['EUR', 'EUR', 'EUR', 'EUR']);
  await ledger.take({ do: 'invoice', customer: 0, number: 1, kind: 'INVOICE', currency: 'USD', issued: 0, terms: 30, amount: 100 });
  expect(await currencies()).toEqual(['USD', 'USD', 'USD', 'USD']);
  for (const number of [1, 2]) await ledger.take({ do: 'invoice', customer: 1, number, kind: 'INVOICE', currency: 'EUR', issued: 0, terms: 30, amount: 1 });
  await ledger.take({ do: 'pay', customer: 2, currency: 'USD', on: 0, amount: 5, numbers: [] });
  expect(await currencies()).toEqual(['EUR', 'USD', 'EUR', 'USD']);
  await ledger.take({ do: 'pay', customer: 0, currency: 'EUR', on: 0, amount: 5, numbers: [] });
  // Now it has both, and the portfolio's is meant.
  expect(await currencies()).toEqual(['EUR', 'EUR', 'EUR', 'USD']);
});
