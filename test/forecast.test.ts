import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { customerOf, invoice, pay } from './bookkeeper.js';
import { startHouse, type FirmVisitor, type TestHouse, type Visitor } from './house.js';

/** The day of everything here. */
const TODAY = '2026-03-31';

let house: TestHouse;
beforeAll(async () => {
  house = await startHouse();
  await house.nobody.get('mutation ($at: DateTime!) { sandboxClockSet(at: $at) }', { at: `${TODAY}T12:00:00.000Z` });
});
afterAll(() => house[Symbol.asyncDispose]());

async function contest(firm: Visitor, invoiceId: string, reason: string, openedOn: string, resolvedOn?: string): Promise<void> {
  const { disputeOpen } = await firm.get<{ disputeOpen: { dispute: { id: string } } }>('mutation ($input: DisputeOpenInput!) { disputeOpen(input: $input) { dispute { id } } }', { input: { invoiceId, reason, responsible: 'Sales', openedOn } });
  if (resolvedOn) await firm.get('mutation ($input: DisputeResolveInput!) { disputeResolve(input: $input) { dispute { id } } }', { input: { id: disputeOpen.dispute.id, outcome: 'REJECTED', resolvedOn } });
}

async function promise(firm: Visitor, invoiceIds: readonly string[], promisedOn: string, amount?: string, madeOn?: string): Promise<void> {
  const { promiseRecord } = await firm.get<{ promiseRecord: { userErrors: unknown[] } }>('mutation ($input: PromiseRecordInput!) { promiseRecord(input: $input) { userErrors { code } } }', {
    input: { invoiceIds, promisedOn, ...(amount && { amount: { amount, currency: 'EUR' } }), ...(madeOn && { madeOn }) },
  });
  expect(promiseRecord.userErrors).toEqual([]);
}

/** A ledger with every way in which a payment can be expected. */
async function fill(acme: Visitor): Promise<void> {
  const morel = await customerOf(acme, 'Morel');
  // Paid 10 and 30 days late, 1 to 3 by amount: 25 days on average. What was settled more than a year ago does not count.
  const history: readonly (readonly [string, string, string, string, string])[] = [['H-1', '100', '2026-01-10', '2026-01-20', 'QUALITY'], ['H-2', '300', '2026-01-10', '2026-02-09', 'QUALITY'], ['H-3', '900', '2025-01-10', '2025-03-31', 'DELIVERY']];
  for (const [index, [number, amount, dueDate, paidOn, reason]] of history.entries()) {
    const id = await invoice(acme, morel, number, amount, { issueDate: '2025-01-01', dueDate });
    // 10, 20 and 30 days: 15 with QUALITY, 20 with any reason.
    await contest(acme, id, reason, '2025-02-01', Temporal.PlainDate.from('2025-02-11').add({ days: 10 * index }).toString());
    await pay(acme, morel, `P-${number}`, paidOn, amount, [number]);
  }
  const open = (number: string, amount: string, dueDate: string): Promise<string> => invoice(acme, morel, number, amount, { issueDate: '2026-01-15', dueDate });
  await open('F-1', '100', '2026-04-10');
  await open('F-2', '50', '2026-02-01');
  await promise(acme, [await open('F-3', '200', '2026-03-01')], '2026-04-06');
  await promise(acme, [await open('F-4', '80', '2026-04-20')], '2026-04-07', '30');
  await contest(acme, await open('F-5', '60', '2026-04-30'), 'QUALITY', '2026-03-15');
  await contest(acme, await open('F-6', '70', '2026-04-30'), 'PRICE', '2026-03-15');
  await contest(acme, await open('F-7', '500', '2026-04-30'), 'LITIGATION', '2026-03-15');
  await open('F-8', '1000', '2026-12-31');
  // Broken, replaced and kept promises tell nothing of what is to come.
  const broken = await open('F-9', '11', '2026-04-10');
  await promise(acme, [broken], '2026-03-20', undefined, '2026-03-01');
  const kept = await open('F-10', '22', '2026-04-10');
  await promise(acme, [kept], '2026-04-30', '12');
  await pay(acme, morel, 'P-kept', '2026-03-31', '12', ['F-10']);
  const others = await customerOf(acme, 'Others');
  await invoice(acme, others, 'G-1', '40', { issueDate: '2026-03-01', dueDate: '2026-04-15' });
  await invoice(acme, others, 'G-2', '999', { issueDate: '2026-03-01', dueDate: '2026-04-15', amount: { amount: '999', currency: 'USD' } });
  await invoice(acme, others, 'G-3', '999', { kind: 'CREDIT_NOTE' });
}

interface Line {
  readonly invoice: { readonly number: string };
  readonly amount: { readonly amount: string };
  readonly expectedOn: string | null;
  readonly basis: string;
  readonly behaviourDays: number | null;
  readonly disputeDays: number | null;
  readonly explanation: string;
}
interface Forecast {
  readonly portfolio: {
    readonly indicators: { readonly outstanding: { readonly amount: string } };
    readonly cashForecast: {
      readonly weeks: readonly { readonly startsOn: string; readonly endsOn: string; readonly amount: { readonly amount: string }; readonly lineCount: number }[];
      readonly later: { readonly amount: string };
      readonly leftOut: { readonly amount: string };
      readonly total: { readonly amount: string };
      readonly lines: { readonly nodes: readonly Line[]; readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string } };
    };
  };
}
const FORECAST = `query ($asOf: Date, $weeks: Int, $week: Int, $first: Int = 100, $after: String) { portfolio(asOf: $asOf, currency: "EUR") { indicators { outstanding { amount } } cashForecast(weeks: $weeks) {
  weeks { startsOn endsOn amount { amount } lineCount } later { amount } leftOut { amount } total { amount }
  lines(week: $week, first: $first, after: $after) { nodes { invoice { number } amount { amount } expectedOn basis behaviourDays disputeDays explanation } pageInfo { hasNextPage endCursor } } } } }`;

test('every open invoice is expected on a day that is explained, and all of it adds up to the outstanding', async () => {
  const acme = await house.firm();
  const rival = await house.firm();
  await fill(acme);
  const { indicators, cashForecast } = (await acme.get<Forecast>(FORECAST)).portfolio;
  const lines = cashForecast.lines.nodes.map((line) => [line.expectedOn, line.invoice.number, line.amount.amount, line.basis, line.behaviourDays, line.disputeDays]);
  expect(lines.toSorted((left, right) => String(left[0]).localeCompare(String(right[0])) || String(left[1]).localeCompare(String(right[1])))).toEqual([
    ['2026-03-31', 'F-2', '50.00', 'BEHAVIOUR', 25, null],
    ['2026-04-06', 'F-3', '200.00', 'PROMISE', null, null],
    ['2026-04-07', 'F-4', '30.00', 'PROMISE', null, null],
    ['2026-04-15', 'G-1', '40.00', 'DUE_DATE', null, null],
    ['2026-05-05', 'F-1', '100.00', 'BEHAVIOUR', 25, null],
    ['2026-05-05', 'F-10', '10.00', 'BEHAVIOUR', 25, null],
    ['2026-05-05', 'F-9', '11.00', 'BEHAVIOUR', 25, null],
    ['2026-05-15', 'F-4', '50.00', 'BEHAVIOUR', 25, null],
    ['2026-06-09', 'F-5', '60.00', 'BEHAVIOUR', 25, 15],
    ['2026-06-14', 'F-6', '70.00', 'BEHAVIOUR', 25, 20],
    ['2027-01-25', 'F-8', '1000.00', 'BEHAVIOUR', 25, null],
    [null, 'F-7', '500.00', 'LITIGATION', null, null],
  ]);
  expect(cashForecast.lines.nodes.map(({ expectedOn }) => expectedOn)).toEqual(lines.map(([day]) => day).toSorted((left, right) => String(left ?? 'z').localeCompare(String(right ?? 'z'))));
  expect(cashForecast.lines.nodes.find(({ invoice }) => invoice.number === 'F-5')?.explanation).toBe(
    'Due on 2026-04-30. The customer pays 25 days after the due date on average. In dispute (QUALITY) since 2026-03-15: disputes with this reason take 15 days.',
  );
  expect(cashForecast.weeks).toHaveLength(13);
  expect(cashForecast.weeks[0]).toEqual({ startsOn: '2026-03-31', endsOn: '2026-04-06', amount: { amount: '250.00' }, lineCount: 2 });
  expect(cashForecast.weeks.filter(({ lineCount }) => lineCount > 0).map(({ startsOn, amount }) => `${startsOn} ${amount.amount}`)).toEqual(['2026-03-31 250.00', '2026-04-07 30.00', '2026-04-14 40.00', '2026-05-05 121.00', '2026-05-12 50.00', '2026-06-09 130.00']);
  expect([cashForecast.later, cashForecast.leftOut, cashForecast.total].map(({ amount }) => amount)).toEqual(['1000.00', '500.00', '2121.00']);
  expect(indicators.outstanding.amount).toBe('2121.00');
  expect((await rival.get<Forecast>(FORECAST)).portfolio.cashForecast).toMatchObject({ total: { amount: '0.00' }, lines: { nodes: [] } });
});

test('weeks, later and left out add up to the outstanding of any day and for any horizon', async () => {
  const acme = await house.firm();
  await fill(acme);
  const cents = ({ amount }: { amount: string }): bigint => BigInt(amount.replace('.', ''));
  for (const [asOf, weeks] of [['2025-02-15', 1], ['2026-01-31', 4], ['2026-03-31', 104], ['2026-04-06', 13], ['2026-04-07', 13], ['2026-05-31', 2]] as const) {
    const { indicators, cashForecast } = (await acme.get<Forecast>(FORECAST, { asOf, weeks })).portfolio;
    expect(cashForecast.weeks).toHaveLength(weeks);
    expect([asOf, cashForecast.weeks.reduce((sum, { amount }) => sum + cents(amount), cents(cashForecast.later) + cents(cashForecast.leftOut)), cashForecast.total.amount]).toEqual([asOf, cents(indicators.outstanding), indicators.outstanding.amount]);
    expect(cashForecast.lines.nodes.reduce((sum, { amount }) => sum + cents(amount), 0n)).toBe(cents(indicators.outstanding));
  }
});

/** A ledger of 300 invoices with every mixture of payments, disputes and promises, the same for the same seed. */
async function scatter(firm: FirmVisitor, seed: number): Promise<void> {
  let state = seed;
  const below = (bound: number): number => ((state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32) * bound | 0;
  const day = (days: number): string => Temporal.PlainDate.from('2025-01-01').add({ days }).toString();
  const owner = await house.asOwner();
  try {
    const { rows: customers } = await owner.query<{ id: string }>(`insert into portfolios.customer (firm_id, reference, name) select $1, 'C' || n, 'C' || n from generate_series(1, 8) n returning id`, [firm.firmId]);
    const open: { id: string; customer: string; minor: number; issued: number }[] = [];
    for (let number = 0; number < 300; number += 1) {
      const customer = customers[below(8)]!.id;
      const issued = below(450);
      const due = issued + below(90);
      const minor = 1 + below(100_000);
      const paid = below(3) === 0 ? minor : below(4) === 0 ? below(minor) : 0;
      const paidOn = issued + below(150);
      const { rows: [invoice] } = await owner.query<{ id: string }>(
        `insert into portfolios.invoice (firm_id, customer_id, number, issue_date, due_date, currency, amount_minor, applied_minor, settled_on) values ($1, $2, $3, $4, $5, 'EUR', $6, $7, $8) returning id`,
        [firm.firmId, customer, `F-${number}`, day(issued), day(due), minor, paid, paid === minor ? day(paidOn) : null],
      );
      if (paid > 0) await owner.query('insert into portfolios.application (firm_id, customer_id, invoice_id, applied_on, amount_minor) values ($1, $2, $3, $4, $5)', [firm.firmId, customer, invoice!.id, day(paidOn), paid]);
      if (below(3) === 0) {
        const openedOn = issued + below(60);
        const resolvedOn = below(2) === 0 ? day(openedOn + below(70)) : null;
        const reason = ['PRICE', 'QUALITY', 'LITIGATION', 'OTHER'][below(4)];
        await owner.query(
          `insert into portfolios.dispute (firm_id, customer_id, invoice_id, reason, responsible, currency, amount_minor, opened_on, resolved_on, outcome) values ($1, $2, $3, $4, 'Sales', 'EUR', $5, $6, $7, $8)`,
          [firm.firmId, customer, invoice!.id, reason, minor, day(openedOn), resolvedOn, resolvedOn && 'REJECTED'],
        );
      }
      if (paid < minor) open.push({ id: invoice!.id, customer, minor: minor - paid, issued });
    }
    for (const group of Map.groupBy(open, ({ customer }) => customer).values()) {
      for (let start = 0; start + 3 <= group.length; start += 5) {
        const named = group.slice(start, start + 3);
        const madeOn = Math.max(...named.map(({ issued }) => issued)) + below(30);
        const total = named.reduce((sum, { minor }) => sum + minor, 0);
        const amount = below(2) === 0 ? total : 1 + below(total);
        const { rows: [promised] } = await owner.query<{ id: string }>(
          `insert into portfolios.payment_promise (firm_id, customer_id, made_on, promised_on, currency, amount_minor, left_minor, replaced_on) values ($1, $2, $3, $4, 'EUR', $5, $6, $7) returning id`,
          [firm.firmId, named[0]!.customer, day(madeOn), day(madeOn + below(120)), amount, total - amount, below(4) === 0 ? day(madeOn + 10) : null],
        );
        await owner.query('insert into portfolios.payment_promise_invoice (firm_id, promise_id, invoice_id) select $1, $2, unnest($3::uuid[])', [firm.firmId, promised!.id, named.map(({ id }) => id)]);
      }
    }
  } finally {
    await owner.end();
  }
}

test.each([1, 20_261])('of a ledger at random (%i) each line is expected when its invoice alone would be, and all add up on every day', async (seed) => {
  const acme = await house.firm();
  await scatter(acme, seed);
  const cents = ({ amount }: { amount: string }): bigint => BigInt(amount.replace('.', ''));
  const bases = new Set<string>();
  for (const asOf of ['2025-03-01', '2025-09-15', '2026-01-31', TODAY, '2026-06-30']) {
    let sum = 0n;
    let days: (string | null)[] = [];
    for (let after: string | null = null; ; ) {
      const { indicators, cashForecast }: Forecast['portfolio'] = (await acme.get<Forecast>(FORECAST, { asOf, after })).portfolio;
      expect(cashForecast.total).toEqual(indicators.outstanding);
      sum += cashForecast.lines.nodes.reduce((total, { amount }) => total + cents(amount), 0n);
      days = [...days, ...cashForecast.lines.nodes.map(({ expectedOn }) => expectedOn)];
      for (const { basis, disputeDays } of cashForecast.lines.nodes) bases.add(`${basis}${disputeDays === null ? '' : ' DISPUTED'}`);
      if (!cashForecast.lines.pageInfo.hasNextPage) {
        expect([asOf, sum]).toEqual([asOf, cents(indicators.outstanding)]);
        break;
      }
      after = cashForecast.lines.pageInfo.endCursor;
    }
    expect(days).toEqual(days.toSorted((left, right) => (left ?? 'never').localeCompare(right ?? 'never')));
  }
  expect([...bases].toSorted()).toEqual(['BEHAVIOUR', 'BEHAVIOUR DISPUTED', 'DUE_DATE', 'DUE_DATE DISPUTED', 'LITIGATION', 'PROMISE']);
});

test('lines come page by page, and week by week', async () => {
  const acme = await house.firm();
  await fill(acme);
  const all = (await acme.get<Forecast>(FORECAST)).portfolio.cashForecast.lines.nodes;
  const paged: Line[] = [];
  for (let after: string | null = null; ; ) {
    const { nodes, pageInfo }: Forecast['portfolio']['cashForecast']['lines'] = (await acme.get<Forecast>(FORECAST, { first: 5, after })).portfolio.cashForecast.lines;
    paged.push(...nodes);
    if (!pageInfo.hasNextPage) break;
    after = pageInfo.endCursor;
  }
  expect(paged).toEqual(all);
  const week = (await acme.get<Forecast>(FORECAST, { week: 1 })).portfolio.cashForecast.lines.nodes;
  expect(week.map(({ invoice }) => invoice.number)).toEqual(['F-2', 'F-3']);
  for (const wrong of [{ week: 0 }, { week: 14 }, { weeks: 0 }, { weeks: 105 }, { first: 101 }, { after: 'nonsense' }]) {
    expect((await acme.ask(FORECAST, wrong)).errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  }
});
