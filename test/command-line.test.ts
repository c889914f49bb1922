import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { PASSWORD, startHouse, Visitor, type FirmVisitor, type TestHouse } from './house.js';

const ROOT = join(import.meta.dirname, '..', '..');
const PROGRAM = join(ROOT, 'dist', 'src', 'cli', 'ardoise.js');

let house: TestHouse;
let directory: string;
beforeAll(async () => {
  house = await startHouse();
  directory = await mkdtemp(join(process.env['ARDOISE_TEST_DIRECTORY']!, 'cli-'));
});
afterAll(async () => {
  await house[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

interface Ended { code: number | null; said: string; errors: string }

async function ardoise(given: readonly string[], environment: Record<string, string> = {}, typed?: string, program = PROGRAM): Promise<Ended> {
  const child = spawn(process.execPath, ['--no-warnings', program, ...given], { env: { PATH: process.env['PATH'], ...environment }, stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.on('error', () => undefined);
  child.stdin.end(typed ?? '');
  let said = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, said, errors };
}

async function write(name: string, text: string): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, text);
  return path;
}

const byPassword = (firm: FirmVisitor): Record<string, string> => ({ ARDOISE_EMAIL: firm.email, ARDOISE_PASSWORD: PASSWORD });
const numbers = async (firm: Visitor): Promise<string[]> => (await firm.get<{ invoices: { nodes: { number: string }[] } }>('{ invoices { nodes { number } } }')).invoices.nodes.map(({ number }) => number).toSorted();

const HEADER = 'customer_reference,invoice_number,issue_date,amount';

test('a file goes into the ledger of the credentials, and again changes nothing', async () => {
  const [acme, rival] = [await house.firm('Acme & Fils'), await house.firm()];
  const file = await write('good.csv', `${HEADER}\nC1,F1,2026-01-01,10\nC1,F2,2026-01-02,20\n`);
  const call = ['import', file, '--format', 'csv', '--firm', 'ACME & fils', '--url', house.url];
  expect(await ardoise(call, byPassword(acme))).toEqual({
    code: 0, errors: '',
    said: 'Imported for Acme & Fils\n+--------------------+---+\n| rows read          | 2 |\n| accepted           | 2 |\n| of these unchanged | 0 |\n| rejected           | 0 |\n+--------------------+---+\n',
  });
  expect(await numbers(acme)).toEqual(['F1', 'F2']);
  expect(await numbers(rival)).toEqual([]);
  const { apiKeyCreate } = await acme.get<{ apiKeyCreate: { secret: string } }>('mutation { apiKeyCreate(input: { name: "cli", scopes: ["ledger:read", "ledger:write"] }) { secret } }');
  // The key goes before the address and the password.
  const again = await ardoise(call, { ...byPassword(rival), ARDOISE_API_KEY: apiKeyCreate.secret });
  expect([again.code, again.errors]).toEqual([0, '']);
  expect(again.said).toContain('| of these unchanged | 2 |');
});

test('another firm’s name stops it before anything is sent; its own registration does not', async () => {
  const [acme, rival] = [await house.firm('Quincaillerie'), await house.firm('Rival')];
  const file = await write('own.csv', `${HEADER}\nC1,F1,2026-01-01,10\n`);
  const { viewer } = await acme.get<{ viewer: { firm: { registration: { value: string } } } }>('{ viewer { firm { registration { value } } } }');
  const siren = viewer.firm.registration.value;
  expect(await ardoise(['import', file, '--format', 'CSV', '--firm', 'Rival', '--url', house.url], byPassword(acme))).toEqual({ code: 1, said: '', errors: `The credentials are those of Quincaillerie (${siren}), not of Rival: nothing was sent.\n` });
  expect([await numbers(acme), await numbers(rival)]).toEqual([[], []]);
  expect((await ardoise(['import', file, '--format', 'CSV', '--firm', `${siren.slice(0, 3)} ${siren.slice(3, 6)} ${siren.slice(6)}`, '--url', house.url], byPassword(acme))).code).toBe(0);
  expect([await numbers(acme), await numbers(rival)]).toEqual([['F1'], []]);
});

test('what is rejected is said with its line, and nothing of a file moves the cursor', async () => {
  const acme = await house.firm('Menuiserie');
  const file = await write('bad.csv', `${HEADER}\nC1,F1,2026-01-01,10\nC1,F2,2026-13-01,20\nC1,F3,2026-01-01,\u001b[2Jten\n${Array.from({ length: 12 }, (_, row) => `C1,G${row},x,1`).join('\n')}\n`);
  const { code, said, errors } = await ardoise(['import', file, '--format', 'CSV', '--url', house.url], byPassword(acme));
  expect([code, errors]).toEqual([3, '']);
  const lines = said.split('\n');
  expect(lines).toContain('| rejected           | 14 |');
  expect(lines).toContain('line 3, issue_date "2026-13-01": DATE_UNREADABLE, The row is not taken: a date has another format, does not exist or lies outside 1970–2099.');
  expect(lines.filter((line) => line.startsWith('line '))).toHaveLength(10);
  expect(lines).toContain('… and 4 more');
  expect(said).toMatch(new RegExp(`\nAll of them, as CSV, for who sends the same credentials: ${house.url}/downloads/rejections-[0-9a-f-]{36}\n$`));
  expect(said).not.toContain('\u001b');
  expect(await numbers(acme)).toEqual(['F1']);
});

test('options reach the import: a dry run, a snapshot, a mapping, days, terms, a currency, standard input', async () => {
  const acme = await house.firm('Options');
  const table = 'Kunde;Beleg;Datum;Betrag\r\nK1;R1;31/01/2026;1 234,50\r\n';
  const call = ['import', '-', '--format', 'CSV', '--url', `${house.url}/graphql`, '--mapping', 'Kunde=CUSTOMER_REFERENCE', '--mapping', 'Beleg=INVOICE_NUMBER', '--mapping', 'Datum=ISSUE_DATE', '--mapping', 'Betrag=AMOUNT',
    '--date-format', 'dd/MM/yyyy', '--delimiter', ';', '--terms', '45:END_OF_MONTH_THEN_DAYS', '--currency', 'chf'];
  const tried = await ardoise([...call, '--dry-run'], byPassword(acme), table);
  expect([tried.code, tried.errors, tried.said.split('\n')[0]]).toEqual([0, '', 'Tried for Options']);
  expect(tried.said).toContain('| would be accepted  | 1 |');
  expect(await numbers(acme)).toEqual([]);
  expect((await ardoise(call, byPassword(acme), table)).code).toBe(0);
  expect(await acme.get('{ invoices { nodes { number dueDate amount { amount currency } customer { reference } } } }')).toEqual({
    invoices: { nodes: [{ number: 'R1', dueDate: '2026-03-17', amount: { amount: '1234.50', currency: 'CHF' }, customer: { reference: 'K1' } }] },
  });
  const other = await write('other.csv', `${HEADER},currency\nK2,R2,2026-01-01,1,CHF\n`);
  expect((await ardoise(['import', other, '--format', 'CSV', '--mode', 'SNAPSHOT', '--url', house.url], byPassword(acme))).code).toBe(0);
  expect(await acme.get('{ invoices(where: { open: true }) { nodes { number } } }')).toEqual({ invoices: { nodes: [{ number: 'R2' }] } });
});

test('what cannot be done is said in a line, and the exit code says which kind it is', async () => {
  const acme = await house.firm('Fautes');
  const file = await write('fine.csv', `${HEADER}\nC1,F1,2026-01-01,10\n`);
  const call = ['import', file, '--format', 'CSV', '--url', house.url];
  expect(await ardoise(['import', file, '--format', 'XLS'])).toEqual({ code: 2, said: '', errors: '--format is one of CSV, FEC, UBL, CII, FACTURX, CAMT053, not "XLS".\nardoise --help says how.\n' });
  expect((await ardoise(['--help'])).said).toMatch(/^Usage: ardoise import FILE --format FORMAT/);
  expect(await ardoise(['import', join(directory, 'none.csv'), '--format', 'CSV'])).toEqual({ code: 1, said: '', errors: `${join(directory, 'none.csv')}: there is no such file.\n` });
  expect(await ardoise(call)).toEqual({ code: 1, said: '', errors: 'Set ARDOISE_API_KEY, or ARDOISE_EMAIL and ARDOISE_PASSWORD: there is no terminal to ask at.\n' });
  expect((await ardoise(call, { ARDOISE_EMAIL: acme.email, ARDOISE_PASSWORD: 'wrong' })).code).toBe(1);
  expect((await ardoise(call, { ARDOISE_API_KEY: `ardoise_${'x'.repeat(40)}` })).code).toBe(1);
  expect(await ardoise(['import', file, '--format', 'CSV', '--url', 'http://127.0.0.1:9'], byPassword(acme))).toMatchObject({ code: 1, said: '', errors: expect.stringMatching(/^Nobody answers at http:\/\/127\.0\.0\.1:9 \(.+\)\.\n$/) });
  expect(await ardoise([...call, '--date-format', 'soon'], byPassword(acme))).toMatchObject({ code: 1, said: '', errors: expect.stringMatching(/^dateFormat: A date format has a year/) });
  const readers = await acme.get<{ apiKeyCreate: { secret: string } }>('mutation { apiKeyCreate(input: { name: "r", scopes: ["ledger:read"] }) { secret } }');
  expect(await ardoise(call, { ARDOISE_API_KEY: readers.apiKeyCreate.secret })).toMatchObject({ code: 1, errors: 'This needs the scope ledger:write.\n' });
  const empty = await write('empty.csv', '');
  expect(await ardoise(['import', empty, '--format', 'CSV', '--url', house.url], byPassword(acme))).toMatchObject({ code: 1, said: expect.stringContaining('Nothing was taken: The file is empty.') });
  const wide = await write('wide.csv', `a,b\n${'1,2\n'.repeat(200_000)}`);
  expect(await ardoise(['import', wide, '--format', 'CSV', '--url', house.url], byPassword(acme))).toMatchObject({ code: 1, said: expect.stringContaining('Nothing was taken: The file has no column "customer_reference"') });
  const pdf = await write('invoice.pdf', `%PDF-1.7\n${'x'.repeat(5_000_000)}`);
  expect(await ardoise(['import', pdf, '--format', 'CSV', '--url', house.url], byPassword(acme))).toMatchObject({ code: 1, said: expect.stringContaining('Nothing was taken: This is a PDF.') });
  expect(await numbers(acme)).toEqual([]);
});

test.each([
  ['attack', ['NOPE'], 'There is no attack NOPE. There are: A01, '],
  ['attack', ['--speed'], "Unknown option '--speed'."],
  ['attack', ['--seed', 'x'], 'A seed and a number of processes are whole numbers.'],
  ['bench', ['nosuch'], 'There is no bench nosuch. There are: import, '],
])('npm run %s -- %j is refused in a line before anything runs, and says how', async (folder, given, message) => {
  const program = join(ROOT, 'dist', folder, 'run.js');
  const { code, said, errors } = await ardoise(given, {}, '', program);
  expect([code, said, errors.slice(0, message.length)]).toEqual([2, '', message]);
  expect(errors).not.toContain('node_modules');
  expect(await ardoise(['--help'], {}, '', program)).toMatchObject({ code: 0, said: expect.stringMatching(new RegExp(`^npm run ${folder} `)), errors: '' });
});

test('the help names every field that a column may mean', async () => {
  const { __type: { enumValues } } = await house.nobody.get<{ __type: { enumValues: { name: string }[] } }>('{ __type(name: "ImportField") { enumValues { name } } }');
  const { said } = await ardoise(['--help']);
  expect(enumValues.length).toBeGreaterThan(10);
  expect(enumValues.map(({ name }) => name).filter((name) => !said.includes(name))).toEqual([]);
});

test('the starter runs it as the package does', async () => {
  const acme = await house.firm('Départ');
  const file = await write('start.csv', `${HEADER}\nC1,F1,2026-01-01,10\n`);
  const { code, said, errors } = await ardoise(['import', file, '--format', 'CSV', '--url', house.url], byPassword(acme), '', join(ROOT, 'bin', 'ardoise.js'));
  expect([code, errors, said.split('\n')[0]]).toEqual([0, '', 'Imported for Départ']);
  expect(await ardoise(['import'], {}, '', join(ROOT, 'bin', 'ardoise.js'))).toMatchObject({ code: 2, errors: 'Name the file to import.\nardoise --help says how.\n' });
});
