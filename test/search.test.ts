import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startHouse, type FirmVisitor, type TestHouse } from './house.js';

let house: TestHouse;
let acme: FirmVisitor;
let rival: FirmVisitor;
beforeAll(async () => {
  house = await startHouse();
  [acme, rival] = await Promise.all([house.firm(), house.firm()]);
  const customers = [
    ['C-0042', 'Boulangerie Fauvernoux'], ['CUST00007', 'École Ploudaniel'], ['X1', 'Schmidt & Söhne GmbH'], ['X2', "L'Oréal S.A."], ['X3', 'S.N.C.F. Réseau'],
    ['X4', 'Œuvres Łódź'], ['X5', 'Straße 7'], ['X6', '100% Coton'], ['X7', 'Bois_Clair'], ['X8', String.raw`A\B "Cuir"`], ['X9', 'Dupont'], ['X10', 'Dupond'], ['X11', '東京商事'], ['X12', 'ebel'],
  ] as const;
  for (const [reference, name] of customers) await keep(acme, reference, name);
  await keep(rival, 'R-1', 'Boulangerie Fauvernaux');
  await keep(rival, 'R-2', 'Zylberberg');
});
afterAll(() => house[Symbol.asyncDispose]());

async function keep(firm: FirmVisitor, reference: string, name: string, more: Record<string, unknown> = {}): Promise<string> {
  const { customerUpsert } = await firm.get<{ customerUpsert: { customer: { id: string }; userErrors: unknown[] } }>(
    'mutation ($input: CustomerUpsertInput!) { customerUpsert(input: $input) { customer { id } userErrors { code message } } }', { input: { reference, name, ...more } },
  );
  expect(customerUpsert.userErrors).toEqual([]);
  return customerUpsert.customer.id;
}

interface Page { customers: { nodes: { name: string; reference: string }[]; totalCount: number; pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null } } }
const PAGE = `query ($search: String, $first: Int, $after: String, $orderBy: CustomerOrder) {
  customers(where: { search: $search }, first: $first, after: $after, orderBy: $orderBy) { nodes { name reference } totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }
}`;

async function found(firm: FirmVisitor, search: string, orderBy = 'NAME_ASC'): Promise<string[]> {
  const { customers } = await firm.get<Page>(PAGE, { search, first: 100, orderBy });
  expect(customers.totalCount).toBe(customers.nodes.length);
  return customers.nodes.map(({ name }) => name);
}

test.each([
  ['Fauvernou', ['Boulangerie Fauvernoux']], // a beginning
  ['fauvernoux boulang', ['Boulangerie Fauvernoux']], // in any order
  ['fauvrenoux', ['Boulangerie Fauvernoux']], // letters exchanged
  ['fovernoux', ['Boulangerie Fauvernoux']], // two mistakes in a long word
  ['BOULANGERIE FAUVERNOUT', ['Boulangerie Fauvernoux']],
  ['ecole', ['École Ploudaniel']],
  ['ÉCOLE', ['École Ploudaniel']],
  ['e\u0301cole', ['École Ploudaniel']],
  ['SCHMIDT', ['Schmidt & Söhne GmbH']],
  ['schmitd', ['Schmidt & Söhne GmbH']],
  ['sohne', ['Schmidt & Söhne GmbH']],
  ['oreal', ["L'Oréal S.A."]],
  ["l'oreal", ["L'Oréal S.A."]],
  ['sncf', ['S.N.C.F. Réseau']],
  ['s.n.c.f.', ['S.N.C.F. Réseau']],
  ['oeuvres lodz', ['Œuvres Łódź']],
  ['strasse', ['Straße 7']],
  ['東京', ['東京商事']],
  ['C-0042', ['Boulangerie Fauvernoux']],
  ['c-42', ['Boulangerie Fauvernoux']],
  ['42', ['Boulangerie Fauvernoux']],
  ['cust00007', ['École Ploudaniel']],
  ['00007', ['Bois_Clair', 'École Ploudaniel', 'Straße 7']], // a number is one whatever the zeros in front
  ['noux', ['Boulangerie Fauvernoux']], // an end, as nothing begins so
  ['verno', ['Boulangerie Fauvernoux']], // letters within, as nothing else is found
  ['dupont', ['Dupont']], // a word that is there is not taken for another
  ['dupons', ['Dupond', 'Dupont']],
  ['d', ['Dupond', 'Dupont']],
  ['eb', ['ebel']],
  ['%', ['100% Coton']],
  ['_', ['Bois_Clair']],
  ['100%', ['100% Coton']],
  ['\\', [String.raw`A\B "Cuir"`]],
  ['"', [String.raw`A\B "Cuir"`]],
  ["'; drop table customer --", []],
  ['zylberberg', []], // the other firm's
  ['zylberbreg', []],
  ['berber', []],
  ['xyzzyq', []],
])('%j finds %j', async (search, names) => {
  expect(await found(acme, search)).toEqual(names);
});

test('a search with only spaces, an empty one and none ask for the same', async () => {
  const all = await found(acme, '');
  expect(all).toHaveLength(14);
  expect(await found(acme, '   ')).toEqual(all);
  expect((await acme.get<Page>('{ customers { nodes { name reference } totalCount } }')).customers.nodes.map(({ name }) => name)).toEqual(all);
});

test('names go from A whatever their case and accents', async () => {
  const names = await found(acme, '');
  expect(names.slice(0, 9)).toEqual(['100% Coton', String.raw`A\B "Cuir"`, 'Bois_Clair', 'Boulangerie Fauvernoux', 'Dupond', 'Dupont', 'ebel', 'École Ploudaniel', "L'Oréal S.A."]);
});

test.each(['x'.repeat(201), 'é'.repeat(10_000), 'a\u0000b', '\ud800', 'a\nb'])('a search too long or of control characters is refused', async (search) => {
  const { errors } = await acme.ask(PAGE, { search });
  expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['BAD_USER_INPUT']);
});

test('a search of 200 characters of every kind is answered', async () => {
  expect(await found(acme, 'a b '.repeat(50))).toEqual([String.raw`A\B "Cuir"`]);
  expect(await found(acme, '%_\\'.repeat(66))).toEqual([]);
});

test("a renamed customer is found by its new name only, and each firm finds its own", async () => {
  await keep(acme, 'N1', 'Papeterie Vasseur');
  expect(await found(acme, 'vasseur')).toEqual(['Papeterie Vasseur']);
  await keep(acme, 'N1', 'Papeterie Quillien');
  expect(await found(acme, 'vasseur')).toEqual([]);
  expect(await found(acme, 'quilien')).toEqual(['Papeterie Quillien']);
  expect(await found(rival, 'papeterie')).toEqual([]);
  expect(await found(rival, 'fauvernoux')).toEqual(['Boulangerie Fauvernaux']);
  await keep(acme, 'N1', '東京商事');
});

test('pages of a search go on with what its first page found, whoever comes meanwhile', async () => {
  const other = await house.firm();
  for (const name of ['Marquise A', 'Marquise B', 'Marquise C']) await keep(other, name, name);
  const first = (await other.get<Page>(PAGE, { search: 'marquisse', first: 2 })).customers;
  expect([first.nodes.map(({ name }) => name), first.totalCount]).toEqual([['Marquise A', 'Marquise B'], 3]);
  // Now the word itself is somebody's name: it is no mistake any more, but this list goes on.
  await keep(other, 'new', 'Marquisse');
  const second = (await other.get<Page>(PAGE, { search: 'marquisse', first: 2, after: first.pageInfo.endCursor })).customers;
  expect(second.nodes.map(({ name }) => name)).toEqual(['Marquise C', 'Marquisse']);
  expect(await found(other, 'marquisse')).toEqual(['Marquisse']);
  // The cursor of a search is none of a list without one.
  const { errors } = await other.ask(PAGE, { after: first.pageInfo.endCursor });
  expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['BAD_USER_INPUT']);
});

test('a customer is found by any registration of its legal unit, its own firm’s only', async () => {
  const siren = '552100554';
  const siret = '55210055400013';
  const vat = `FR${String((12 + 3 * (Number(siren) % 97)) % 97).padStart(2, '0')}${siren}`;
  const by = async (firm: FirmVisitor, scheme: string, value: string): Promise<string | null> =>
    (await firm.get<{ customerBy: { reference: string } | null }>('query ($scheme: RegistrationScheme!, $value: String!) { customerBy(ref: { registration: { scheme: $scheme, value: $value } }) { reference } }', { scheme, value })).customerBy?.reference ?? null;
  for (const [scheme, value] of [['SIREN', siren], ['SIRET', siret], ['VAT', vat]] as const) {
    const firm = await house.firm();
    await keep(firm, scheme, 'Peugeot', { registration: { scheme, value } });
    expect(await Promise.all([by(firm, 'SIREN', siren), by(firm, 'SIRET', siret), by(firm, 'VAT', vat), by(firm, 'DUNS', siren)])).toEqual([scheme, scheme, scheme, null]);
    expect(await by(rival, 'SIREN', siren)).toBeNull();
    // The very registration goes before the legal unit.
    await keep(firm, 'later', 'Peugeot Sochaux', { registration: { scheme: scheme === 'SIRET' ? 'SIREN' : 'SIRET', value: scheme === 'SIRET' ? siren : siret } });
    expect(await by(firm, scheme === 'SIRET' ? 'SIREN' : 'SIRET', scheme === 'SIRET' ? siren : siret)).toBe('later');
    expect(await by(firm, 'SIRET', '55210055400021'.slice(0, 14))).toBe((await by(firm, 'SIRET', '55210055400021')) ?? null);
  }
});

test('a search looks into an index under row-level security, however many customers the firm and others have', async () => {
  const owner = await house.asOwner();
  try {
    await owner.query(`insert into portfolios.customer (firm_id, reference, name)
      select ('00000000-0000-7000-8000-00000000000' || (i % 4))::uuid, 'R' || i, 'Maison ' || chr(97 + i % 26) || md5(i::text) from generate_series(1, 20000) i`);
    await owner.query('analyze portfolios.customer; analyze portfolios.customer_word');
    await owner.query('begin');
    await owner.query(`select set_config('role', 'portfolios_app', true), set_config('app.firm_id', '00000000-0000-7000-8000-000000000001', true)`);
    const { rows } = await owner.query<{ 'QUERY PLAN': string }>(`explain select c.id from portfolios.customer c
      where exists (select from portfolios.customer_word w where w.customer_id = c.id and w.word >= 'q0' and w.word < 'q0' || U&'\\+10FFFF') order by c.name_key, c.id limit 51`);
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(plan).not.toMatch(/Seq Scan/);
    expect(plan).toMatch(/Index Cond: .*\(word >= 'q0'/);
  } finally {
    await owner.end();
  }
});
