import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parse } from 'graphql';
import type { EventData } from '../src/events/catalogue.js';
import { executeInRoom } from '../src/server/execute.js';
import { SCOPES, type Scope } from '../src/server/asker.js';
import { startHouse, type FirmVisitor, type TestHouse } from './house.js';

type Invoice = EventData<'invoices.changed'>['invoices'][number];

let house: TestHouse;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

const today = (): Temporal.PlainDate => house.running.rooms.scoring.room.clock.today();
const invoice = (customerId: string, due: Temporal.PlainDate, settled: Temporal.PlainDate | null, rest: Partial<Invoice> = {}): Invoice => ({
  invoiceId: randomUUID(), customerId, currency: 'EUR', amountMinor: '10000',
  issueDate: due.subtract({ days: 30 }).toString(), dueDate: due.toString(), settledOn: settled?.toString() ?? null, revision: 1, ...rest,
});

async function tell(firm: FirmVisitor, invoices: Invoice[]): Promise<void> {
  const { scoring } = house.running.rooms;
  await scoring.subgraph.reactions['invoices.changed']!(scoring.room, { firmId: firm.firmId, data: { invoices } });
}

async function moveClock(day: Temporal.PlainDate): Promise<void> {
  const { scoring } = house.running.rooms;
  const offsetMilliseconds = Temporal.Instant.from(`${day}T12:00:00Z`).epochMilliseconds - Date.now();
  await scoring.subgraph.reactions['sandbox.clock-moved']!(scoring.room, { firmId: null, data: { offsetMilliseconds } });
}

async function behaviour(firm: FirmVisitor, customerId: string, scopes: readonly Scope[] = SCOPES): Promise<unknown> {
  const { data, errors } = await executeInRoom(
    house.running.rooms.scoring,
    {
      document: parse('query ($id: ID!) { _entities(representations: [{ __typename: "Customer", id: $id }]) { ... on Customer { paymentBehaviour { index averageDaysBeyondTerms onTimeShare trend invoiceCount } } } }'),
      variables: { id: customerId }, operationName: undefined,
    },
    { asker: { firmId: firm.firmId, userId: randomUUID(), role: 'OWNER', scopes }, requestId: 'test', origin: '' },
  );
  return errors?.[0]?.extensions['code'] ?? (data?.['_entities'] as { paymentBehaviour: unknown }[])[0]!.paymentBehaviour;
}

test('three invoices on the due date and one 30 days late give 72.5, rounded to even, and only their firm sees it', async () => {
  const [acme, rival] = [await house.firm(), await house.firm()];
  const customerId = randomUUID();
  const day = today().subtract({ months: 6 });
  await tell(acme, [invoice(customerId, day, day), invoice(customerId, day, day)]);
  expect(await behaviour(acme, customerId)).toBeNull();
  await tell(acme, [invoice(customerId, day, day), invoice(customerId, day, day.add({ days: 30 }))]);
  expect(await behaviour(acme, customerId)).toEqual({ index: 72, averageDaysBeyondTerms: 7.5, onTimeShare: 0.75, trend: 'STABLE', invoiceCount: 4 });
  expect(await behaviour(rival, customerId)).toBeNull();
  expect(await behaviour(acme, 'no-id')).toBeNull();
  expect(await behaviour(acme, customerId, [])).toBe('FORBIDDEN');
});

test('events that come twice and out of order leave the newest fact, and a cancelled invoice stops counting', async () => {
  const acme = await house.firm();
  const customerId = randomUUID();
  const day = today().subtract({ months: 6 });
  const first = [invoice(customerId, day, day), invoice(customerId, day, day), invoice(customerId, day, day), invoice(customerId, day, day.add({ days: 30 }))];
  const late = first[3]!;
  const cancelled = { ...late, amountMinor: '0', revision: 3 };
  await tell(acme, first);
  // The third revision comes before the second, and one event names an invoice twice.
  await tell(acme, [cancelled]);
  await tell(acme, [{ ...late, revision: 2 }, cancelled, { ...late, revision: 2 }]);
  await tell(acme, first);
  expect(await behaviour(acme, customerId)).toEqual({ index: 80, averageDaysBeyondTerms: 0, onTimeShare: 1, trend: 'STABLE', invoiceCount: 3 });
});

test('what counts moves with business time: overdue ones count as settled today, and 24 months end on the day', async () => {
  const acme = await house.firm();
  const customerId = randomUUID();
  const start = today();
  const due = (days: number): Temporal.PlainDate => start.add({ days });
  await tell(acme, [
    invoice(customerId, due(0), null), invoice(customerId, due(0), null),
    // Settled 24 months ago to the day is out; one day later is in.
    invoice(customerId, start.subtract({ months: 24 }), start.subtract({ months: 24 })),
    invoice(customerId, start.subtract({ months: 24 }).add({ days: 1 }), start.subtract({ months: 24 }).add({ days: 1 })),
  ]);
  // Due today is not past due.
  expect(await behaviour(acme, customerId)).toBeNull();
  await tell(acme, [invoice(customerId, due(-31), due(-31))]);
  expect(await behaviour(acme, customerId)).toBeNull();
  await moveClock(due(30));
  expect(await behaviour(acme, customerId)).toEqual({ index: 60, averageDaysBeyondTerms: 20, onTimeShare: 0.333333, trend: 'STABLE', invoiceCount: 3 });
  // Before the payment came in it was open, and it is read so.
  await moveClock(start);
  expect(await behaviour(acme, customerId)).toBeNull();
});
