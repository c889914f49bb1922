import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { buildSchema, parse, validate } from 'graphql';
import { chromium, type Browser, type Page } from 'playwright-core';
import { DEMO_PASSWORD, MEMBER_FIRMS } from '../examples/demo-network/member-firms.js';
import { EXPLORER_DIRECTORY, TABS } from '../gateway/explorer.js';
import { randomSiren, startHouse, Visitor, type TestHouse } from './house.js';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const DEADLINE = 30_000;

let house: TestHouse;
let browser: Browser | undefined;
beforeAll(async () => {
  house = await startHouse();
  if (CHROMIUM) browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
});
afterAll(async () => {
  await browser?.close();
  await house[Symbol.asyncDispose]();
});

test.each(TABS)('the tab %s asks for nothing that the API does not have', async (name) => {
  const schema = buildSchema(await readFile(join(import.meta.dirname, '..', '..', 'schema', 'api.graphql'), 'utf8'));
  const document = parse(await readFile(join(EXPLORER_DIRECTORY, `${name}.graphql`), 'utf8'));
  expect(validate(schema, document).map(({ message }) => message)).toEqual([]);
});

const inBrowser = CHROMIUM ? test : test.skip;
if (!CHROMIUM) console.warn('No Chromium is installed: the explorer is not tried in a browser.');

inBrowser('somebody who opens /graphql in a browser signs in by the first tab, sees the own dashboard by the second, and hears of events', async () => {
  const { email } = MEMBER_FIRMS[0]!.owner;
  const { firmSignUp } = await house.nobody.get<{ firmSignUp: { session: { accessToken: string } } }>('mutation ($input: FirmSignUpInput!) { firmSignUp(input: $input) { session { accessToken } } }', {
    input: { firmName: 'Comptoir', country: 'FR', registration: { scheme: 'SIREN', value: randomSiren() }, userName: 'Claire', email, password: DEMO_PASSWORD },
  });
  const claire = new Visitor(house, firmSignUp.session.accessToken);
  const context = await browser!.newContext();
  const asked: string[] = [];
  context.on('request', (request) => asked.push(request.url()));
  const page = await context.newPage();
  page.setDefaultTimeout(DEADLINE);

  await page.goto(`${house.url}/graphql`);
  for (const name of ['SignIn', 'Dashboard', 'Customer', 'Risk', 'Benchmark', 'Compare', 'Conversations']) await page.getByRole('tab', { name }).waitFor();
  await run(page, '"accessToken"');
  await openTab(page, 'Dashboard');
  await run(page, '"name": "Comptoir"');

  const { importCreate: { job } } = await claire.get<{ importCreate: { job: { id: string; uploadUrl: string } } }>('mutation { importCreate(input: { format: CSV }) { job { id uploadUrl } } }');
  await page.goto(`${house.url}/graphql?query=${encodeURIComponent(`subscription Import { importProgress(id: "${job.id}") { status rowsAccepted } }`)}`);
  await run(page, '"AWAITING_UPLOAD"');
  const file = 'customer_reference,invoice_number,issue_date,amount\nC1,1,2026-10-01,12.50\n';
  const { status } = await fetch(job.uploadUrl, { method: 'PUT', headers: { authorization: `Bearer ${claire.token}` }, body: file });
  expect(status).toBe(202);
  await shown(page, '"COMPLETED"');

  // Expired or revoked, the kept token is forgotten: who signs in anew is not refused for it.
  await openTab(page, 'SignIn');
  await page.evaluate(() => sessionStorage.setItem('ardoise:access-token', 'a-token-that-was-revoked-long-ago'));
  await run(page, '"accessToken"');

  expect(asked.length).toBeGreaterThan(5);
  expect(asked.filter((url) => !url.startsWith(`${house.url}/`) && !url.startsWith(`blob:${house.url}/`) && !url.startsWith('data:'))).toEqual([]);
  await context.close();
});

/** Opens the tab of an operation, until GraphiQL has read it: then it stands in the page's own address too. */
async function openTab(page: Page, operation: string): Promise<void> {
  await page.getByRole('tab', { name: operation }).click();
  await page.waitForURL((url) => url.searchParams.get('query')?.includes(` ${operation} {`) ?? false);
}

/** Runs what the open tab holds, until the page shows `expected`. */
async function run(page: Page, expected: string): Promise<void> {
  await page.getByRole('button', { name: /^Execute query/ }).click();
  await shown(page, expected);
}

async function shown(page: Page, expected: string): Promise<void> {
  // The editor writes spaces that do not break, and every line as an element of its own.
  await page.waitForFunction((text) => document.querySelector('.result-window')?.textContent?.replaceAll('\u00a0', ' ').includes(text), expected);
}
