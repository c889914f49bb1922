import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { startHouse, type FirmVisitor, type TestHouse } from './house.js';

let house: TestHouse;
beforeAll(async () => {
  house = await startHouse();
});
beforeEach(() => house.moveClock('2026-10-05'));
afterAll(() => house[Symbol.asyncDispose]());

async function settled(): Promise<void> {
  await house.moveClock(house.running.rooms.scoring.room.clock.today().toString());
}

async function customerOf(firm: FirmVisitor, facts: { readonly country?: string; readonly sector?: string } = {}): Promise<string> {
  const { customerUpsert } = await firm.get<{ customerUpsert: { customer: { id: string } } }>(
    'mutation ($input: CustomerUpsertInput!) { customerUpsert(input: $input) { customer { id } } }',
    { input: { reference: randomUUID(), name: 'Brasserie Lenoir', ...facts } },
  );
  return customerUpsert.customer.id;
}

const EVENT = '{ event { id name kind countries sectors from to shift active endedOn customerCount } userErrors { code path } }';

interface EventAnswer {
  readonly event: { readonly id: string } & Record<string, unknown> | null;
  readonly userErrors: readonly { readonly code: string; readonly path: readonly string[] }[];
}

async function create(firm: FirmVisitor, change: Record<string, unknown> = {}): Promise<EventAnswer> {
  const input = { name: 'Floods', kind: 'DISASTER', from: '2026-10-01', shift: -80, ...change };
  return (await firm.get<{ contextEventCreate: EventAnswer }>(`mutation ($input: ContextEventCreateInput!) { contextEventCreate(input: $input) ${EVENT} }`, { input })).contextEventCreate;
}

async function end(firm: FirmVisitor, id: string, on?: string): Promise<EventAnswer> {
  return (await firm.get<{ contextEventEnd: EventAnswer }>(`mutation ($input: ContextEventEndInput!) { contextEventEnd(input: $input) ${EVENT} }`, { input: { id, on } })).contextEventEnd;
}

async function names(firm: FirmVisitor, activeOn?: string): Promise<readonly string[]> {
  const { contextEvents } = await firm.get<{ contextEvents: { nodes: { name: string }[] } }>('query ($activeOn: Date) { contextEvents(activeOn: $activeOn) { nodes { name } } }', { activeOn });
  return contextEvents.nodes.map(({ name }) => name);
}

test('an event is made once, ten times at once too, and only its firm sees and ends it', async () => {
  const [acme, rival] = [await house.firm(), await house.firm()];
  const made = await Promise.all(Array.from({ length: 10 }, () => create(acme, { sectors: ['55', 'I', '55'], countries: ['FR', 'BE'] })));
  expect(new Set(made.map((answer) => JSON.stringify(answer))).size).toBe(1);
  const { id } = made[0]!.event!;
  expect(made[0]).toEqual({ event: { id, name: 'Floods', kind: 'DISASTER', countries: ['BE', 'FR'], sectors: ['55', 'I'], from: '2026-10-01', to: null, shift: -80, active: true, endedOn: null, customerCount: 0 }, userErrors: [] });
  expect(await create(acme)).toEqual({ event: null, userErrors: [{ code: 'TAKEN', path: ['input', 'name'] }] });
  expect((await create(acme, { from: '2026-10-02' })).userErrors).toEqual([]);
  expect(await names(acme)).toEqual(['Floods', 'Floods']);
  expect(await names(rival)).toEqual([]);
  const unknown = { event: null, userErrors: [{ code: 'NOT_FOUND', path: ['input', 'id'] }] };
  expect(await end(rival, id)).toEqual(unknown);
  expect(await end(acme, randomUUID())).toEqual(unknown);
  expect(await end(acme, 'x')).toEqual(unknown);
  expect((await end(acme, id)).event).toMatchObject({ active: false, endedOn: '2026-10-05' });
});

test.each<[string, Record<string, unknown>, string]>([
  ['that ends before it begins', { from: '2026-10-10', to: '2026-10-09' }, 'to'],
  ['that is over', { to: '2026-10-04' }, 'to'],
  ['that moves nothing', { shift: 0 }, 'shift'],
  ['that moves too much down', { shift: -301 }, 'shift'],
  ['that moves too much up', { shift: 301 }, 'shift'],
  ['of a sector that does not exist', { sectors: ['44'] }, 'sectors'],
  ['of a sector in another form', { sectors: ['4711F'] }, 'sectors'],
  ['of 51 sectors', { sectors: Array.from({ length: 51 }, () => '47') }, 'sectors'],
  ['without a name', { name: '  ' }, 'name'],
  ['with a control character in its name', { name: 'a\u0007' }, 'name'],
  ['with a long name', { name: 'x'.repeat(101) }, 'name'],
])('an event %s is refused, and nothing is kept', async (_, change, field) => {
  const acme = await house.firm();
  expect(await create(acme, change)).toEqual({ event: null, userErrors: [{ code: 'INVALID', path: ['input', field] }] });
  expect(await names(acme)).toEqual([]);
});

test('an end may be moved to an earlier day, never to a later or a past one, and the same again changes nothing', async () => {
  const acme = await house.firm();
  const { id } = (await create(acme, { to: '2026-12-31' })).event!;
  expect((await end(acme, id, '2027-01-01')).userErrors).toEqual([{ code: 'INVALID', path: ['input', 'on'] }]);
  expect((await end(acme, id, '2026-10-04')).userErrors).toEqual([{ code: 'INVALID', path: ['input', 'on'] }]);
  expect((await end(acme, id, '2026-11-01')).event).toMatchObject({ endedOn: '2026-11-01', active: true });
  expect((await end(acme, id, '2026-11-01')).userErrors).toEqual([]);
  expect((await end(acme, id, '2026-11-02')).userErrors).toEqual([{ code: 'CONFLICT', path: ['input', 'on'] }]);
  expect((await end(acme, id)).event).toMatchObject({ endedOn: '2026-10-05', active: false });
  await house.moveClock('2026-10-06');
  // Without a day: ended is ended.
  expect((await end(acme, id)).event).toMatchObject({ endedOn: '2026-10-05' });
  expect((await end(acme, id, '2026-10-06')).userErrors).toEqual([{ code: 'CONFLICT', path: ['input', 'on'] }]);
  // Its name and day are free again.
  expect((await create(acme, { shift: -10 })).userErrors).toEqual([]);
});

test('events are listed from the last to begin, by page, and by the day on which they apply', async () => {
  const acme = await house.firm();
  await create(acme, { name: 'Strike', from: '2026-09-01', to: '2026-10-05' });
  await create(acme, { name: 'Energy', from: '2026-11-01', to: '2026-11-30' });
  await create(acme, { name: 'War', from: '2026-09-15' });
  expect(await names(acme)).toEqual(['Energy', 'War', 'Strike']);
  expect(await names(acme, '2026-10-05')).toEqual(['War', 'Strike']);
  expect(await names(acme, '2026-10-06')).toEqual(['War']);
  expect(await names(acme, '2026-11-01')).toEqual(['Energy', 'War']);
  expect(await names(acme, '2026-12-01')).toEqual(['War']);
  expect(await names(acme, '2026-08-31')).toEqual([]);
  const page = 'query ($after: String) { contextEvents(first: 2, after: $after) { nodes { name } pageInfo { hasNextPage hasPreviousPage endCursor } } }';
  const { contextEvents: first } = await acme.get<{ contextEvents: { nodes: unknown[]; pageInfo: { endCursor: string; hasNextPage: boolean } } }>(page);
  expect(first).toMatchObject({ nodes: [{ name: 'Energy' }, { name: 'War' }], pageInfo: { hasNextPage: true, hasPreviousPage: false } });
  expect(await acme.get(page, { after: first.pageInfo.endCursor })).toMatchObject({ contextEvents: { nodes: [{ name: 'Strike' }], pageInfo: { hasNextPage: false, hasPreviousPage: true } } });
  for (const variables of [{ after: 'x' }, { after: Buffer.from('["2026-10-05","x"]').toString('base64url') }]) {
    expect((await acme.ask(page, variables)).errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  }
  expect((await acme.ask('{ contextEvents(first: 101) { nodes { id } } }')).errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
});

test('a hundred events stand at once, and one more when one of them is ended', async () => {
  const acme = await house.firm();
  const made: EventAnswer[] = [];
  for (let place = 0; place < 100; place += 1) made.push(await create(acme, { name: `Event ${place}` }));
  expect(made.flatMap(({ userErrors }) => userErrors)).toEqual([]);
  expect(await create(acme, { name: 'One more' })).toEqual({ event: null, userErrors: [{ code: 'LIMIT_REACHED', path: ['input'] }] });
  await end(acme, made[7]!.event!.id);
  expect((await create(acme, { name: 'One more' })).userErrors).toEqual([]);
}, 30_000);

test('an event concerns the customers of its countries and sectors, by the beginning of their code', async () => {
  const [acme, rival] = [await house.firm(), await house.firm()];
  await customerOf(acme, { country: 'FR', sector: '47.11' });
  await customerOf(acme, { country: 'FR', sector: '47' });
  await customerOf(acme, { country: 'BE', sector: '47.11' });
  await customerOf(acme, { country: 'FR', sector: '46.1' });
  await customerOf(acme, { country: 'FR', sector: 'G' });
  await customerOf(acme, { country: 'FR' });
  await customerOf(acme, { sector: '47.19' });
  await customerOf(rival, { country: 'FR', sector: '47.11' });
  await settled();
  const count = async (scope: Record<string, unknown>): Promise<unknown> => (await create(acme, { name: randomUUID(), ...scope })).event!['customerCount'];
  expect(await count({})).toBe(7);
  expect(await count({ countries: ['FR'] })).toBe(5);
  expect(await count({ countries: ['FR', 'BE'] })).toBe(6);
  expect(await count({ sectors: ['47'] })).toBe(4);
  expect(await count({ sectors: ['47.1'] })).toBe(3);
  expect(await count({ sectors: ['47.11'] })).toBe(2);
  // A section is all of its divisions, and what is known by its section only.
  expect(await count({ sectors: ['G'] })).toBe(6);
  expect(await count({ sectors: ['G'], countries: ['FR'] })).toBe(4);
  expect(await count({ sectors: ['I'] })).toBe(0);
});
