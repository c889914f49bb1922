import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startHouse, type FirmVisitor, type TestHouse } from './house.js';

let house: TestHouse;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

async function customerOf(firm: FirmVisitor, reference: string, more: Record<string, unknown> = {}): Promise<string> {
  const { customerUpsert } = await firm.get<{ customerUpsert: { customer: { id: string } } }>('mutation ($input: CustomerUpsertInput!) { customerUpsert(input: $input) { customer { id } } }', { input: { reference, name: reference, ...more } });
  return customerUpsert.customer.id;
}

async function invoice(firm: FirmVisitor, customerId: string, number: string, issueDate: string, dueDate: string, amount: string, currency = 'EUR', kind = 'INVOICE'): Promise<void> {
  const { invoiceUpsert } = await firm.get<{ invoiceUpsert: { userErrors: readonly unknown[] } }>('mutation ($input: InvoiceUpsertInput!) { invoiceUpsert(input: $input) { userErrors { code path } } }', {
    input: { customerId, number, issueDate, dueDate, amount: { amount, currency }, kind },
  });
  expect(invoiceUpsert.userErrors).toEqual([]);
}

async function pay(firm: FirmVisitor, customerId: string, reference: string, receivedOn: string, amount: string, invoiceNumbers: readonly string[]): Promise<void> {
  const { paymentRecord } = await firm.get<{ paymentRecord: { userErrors: readonly unknown[] } }>('mutation ($input: PaymentRecordInput!) { paymentRecord(input: $input) { userErrors { code path } } }', {
    input: { customerId, reference, receivedOn, amount: { amount, currency: 'EUR' }, invoiceNumbers },
  });
  expect(paymentRecord.userErrors).toEqual([]);
}

/** Three customers of two countries and two terms; on 2026-04-10 they owe 600, 300 and 100 EUR, and one of them 70 USD. */
async function spreadLedger(firm: FirmVisitor): Promise<{ readonly large: string; readonly middle: string; readonly small: string }> {
  const large = await customerOf(firm, 'Large', { country: 'FR', terms: { days: 45, endOfMonth: 'DAYS_THEN_END_OF_MONTH' } });
  const middle = await customerOf(firm, 'Middle', { country: 'BE', terms: { days: 30 } });
  const small = await customerOf(firm, 'Small', { country: 'FR' });
  await invoice(firm, large, 'F-1', '2026-02-01', '2026-03-01', '400');
  await invoice(firm, large, 'F-2', '2026-03-15', '2026-04-15', '200');
  await invoice(firm, middle, 'F-1', '2026-01-05', '2026-02-04', '500');
  await invoice(firm, small, 'F-1', '2026-04-01', '2026-05-01', '100');
  await invoice(firm, small, 'F-2', '2026-04-01', '2026-04-05', '70', 'USD');
  await invoice(firm, small, 'F-3', '2026-04-20', '2026-05-20', '999');
  await pay(firm, middle, 'P-1', '2026-03-10', '200', ['F-1']);
  await pay(firm, middle, 'P-2', '2026-04-11', '300', ['F-1']);
  return { large, middle, small };
}

const GROUP = 'key label outstanding { amount currency } overdue { amount } overdueRatio share invoiceCount customerCount customer { reference } terms { days endOfMonth fixedDay }';
const group = (key: string | null, label: string, outstanding: string, overdue: string, overdueRatio: number, share: number | null, invoiceCount: number, customerCount: number, more: Record<string, unknown> = {}): unknown => ({
  key, label, outstanding: { amount: outstanding, currency: 'EUR' }, overdue: { amount: overdue }, overdueRatio, share, invoiceCount, customerCount, customer: null, terms: null, ...more,
});

test('a portfolio is broken down by customer, country, terms and currency, and always adds up', async () => {
  const acme = await house.firm();
  const rival = await house.firm();
  const { large, middle, small } = await spreadLedger(acme);
  const query = `{ portfolio(asOf: "2026-04-10", currency: "EUR") {
    byCustomer: breakdown(by: CUSTOMER) { by groups { ${GROUP} } remainder { ${GROUP} } }
    top: breakdown(by: CUSTOMER, first: 1) { groups { key } remainder { ${GROUP} } }
    byCountry: breakdown(by: COUNTRY) { groups { ${GROUP} } remainder { key } }
    byTerms: breakdown(by: TERMS) { groups { ${GROUP} } remainder { key } }
    byCurrency: breakdown(by: CURRENCY) { groups { ${GROUP} } remainder { key } }
    concentration one: concentration(top: 1) } }`;
  expect(await acme.get(query)).toEqual({
    portfolio: {
      byCustomer: {
        by: 'CUSTOMER', remainder: null,
        groups: [
          group(large, 'Large', '600.00', '400.00', 0.666667, 0.6, 2, 1, { customer: { reference: 'Large' } }),
          group(middle, 'Middle', '300.00', '300.00', 1, 0.3, 1, 1, { customer: { reference: 'Middle' } }),
          group(small, 'Small', '100.00', '0.00', 0, 0.1, 1, 1, { customer: { reference: 'Small' } }),
        ],
      },
      top: { groups: [{ key: large }], remainder: group(null, 'Others', '400.00', '300.00', 0.75, 0.4, 2, 2) },
      byCountry: { groups: [group('FR', 'France', '700.00', '400.00', 0.571429, 0.7, 3, 2), group('BE', 'Belgium', '300.00', '300.00', 1, 0.3, 1, 1)], remainder: null },
      byTerms: {
        groups: [
          group('45 DAYS_THEN_END_OF_MONTH', '45 days, then end of month', '600.00', '400.00', 0.666667, 0.6, 2, 1, { terms: { days: 45, endOfMonth: 'DAYS_THEN_END_OF_MONTH', fixedDay: null } }),
          group('30 NONE', '30 days', '300.00', '300.00', 1, 0.3, 1, 1, { terms: { days: 30, endOfMonth: 'NONE', fixedDay: null } }),
          group(null, 'No terms agreed', '100.00', '0.00', 0, 0.1, 1, 1),
        ],
        remainder: null,
      },
      byCurrency: {
        groups: [group('EUR', 'Euro', '1000.00', '700.00', 0.7, null, 4, 3), group('USD', 'US Dollar', '70.00', '70.00', 1, null, 1, 1, { outstanding: { amount: '70.00', currency: 'USD' } })],
        remainder: null,
      },
      concentration: 1, one: 0.6,
    },
  });
  // Settled the day after, and the future invoice is known on its own day.
  expect(await acme.get('{ portfolio(asOf: "2026-04-20", currency: "EUR") { breakdown(by: CUSTOMER) { groups { label outstanding { amount } } } concentration(top: 1) } }')).toEqual({
    portfolio: { breakdown: { groups: [{ label: 'Small', outstanding: { amount: '1099.00' } }, { label: 'Large', outstanding: { amount: '600.00' } }] }, concentration: 0.646851 },
  });
  const nothing = { groups: [], remainder: null };
  expect(await rival.get(query)).toEqual({ portfolio: { byCustomer: { by: 'CUSTOMER', ...nothing }, top: nothing, byCountry: nothing, byTerms: nothing, byCurrency: nothing, concentration: null, one: null } });
});

test('the trend of a portfolio gives each month as it was at its end, and the last one as it is on the day', async () => {
  const acme = await house.firm();
  await spreadLedger(acme);
  const month = (asOf: string, outstanding: string, overdue: string, overdueRatio: number | null, dso: number | null, sales: string, collected: string): unknown => ({
    asOf, outstanding: { amount: outstanding }, overdue: { amount: overdue }, overdueRatio, dso, sales: { amount: sales }, collected: { amount: collected },
  });
  expect(await acme.get('{ portfolio(asOf: "2026-04-12", currency: "EUR") { trend(months: 5) { asOf outstanding { amount } overdue { amount } overdueRatio dso sales { amount } collected { amount } } } }')).toEqual({
    portfolio: {
      trend: [
        month('2025-12-31', '0.00', '0.00', null, null, '0.00', '0.00'),
        month('2026-01-31', '500.00', '0.00', 0, 90, '500.00', '0.00'),
        month('2026-02-28', '900.00', '500.00', 0.555556, 90, '400.00', '0.00'),
        // Sales of 90 days: 400 + 200 + 500.
        month('2026-03-31', '900.00', '700.00', 0.777778, 73.636364, '200.00', '200.00'),
        // 400 of 600 is overdue; sales since 13 January: 400 + 200 + 100.
        month('2026-04-12', '700.00', '400.00', 0.571429, 90, '100.00', '300.00'),
      ],
    },
  });
  const { portfolio } = await acme.get<{ portfolio: { trend: readonly { asOf: string }[] } }>('{ portfolio(asOf: "2026-04-12") { trend { asOf } } }');
  expect(portfolio.trend).toHaveLength(12);
  expect(portfolio.trend[0]).toEqual({ asOf: '2025-05-31' });
});

test('on the days around its bounds an invoice falls into exactly one bucket', async () => {
  const acme = await house.firm();
  const customerId = await customerOf(acme, 'C');
  await invoice(acme, customerId, 'F-1', '2026-01-01', '2026-01-31', '10');
  const due = Temporal.PlainDate.from('2026-01-31');
  // Days past due → bucket: due on the day itself is not due; a bound belongs to the bucket that it ends.
  for (const [daysPastDue, place] of [[-30, 0], [-1, 0], [0, 0], [1, 1], [30, 1], [31, 2], [60, 2], [61, 3], [90, 3], [91, 4], [180, 4], [181, 5], [5000, 5]] as const) {
    const query = `query ($asOf: Date!) { portfolio(asOf: $asOf) { indicators { agedBalance { invoiceCount } } } customers { nodes { indicators(asOf: $asOf) { agedBalance { invoiceCount } } } } }`;
    const found = { indicators: { agedBalance: [0, 1, 2, 3, 4, 5].map((bucket) => ({ invoiceCount: bucket === place ? 1 : 0 })) } };
    expect(await acme.get(query, { asOf: due.add({ days: daysPastDue }).toString() })).toEqual({ portfolio: found, customers: { nodes: [found] } });
  }
});

test.each(['breakdown(by: COUNTRY, first: 0) { by }', 'breakdown(by: COUNTRY, first: 101) { by }', 'concentration(top: 0)', 'concentration(top: 101)', 'trend(months: 0) { asOf }', 'trend(months: 121) { asOf }'])('%s is refused as bad input', async (field) => {
  const { errors } = await (await house.firm()).ask(`{ portfolio { ${field} } }`);
  expect(errors?.map((error) => error.extensions.code)).toEqual(['BAD_USER_INPUT']);
});
