import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { customerOf, invoice, pay } from './bookkeeper.js';
import { startHouse, type TestHouse, type Visitor } from './house.js';

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
