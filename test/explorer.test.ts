import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { buildSchema, parse, validate } from 'graphql';
import { chromium, type Browser, type Page } from 'playwright-core';
import { DEMO_PASSWORD, MEMBER_FIRMS } from '../examples/demo-network/member-firms.js';
import { EXPLORER_DIRECTORY, TABS } from '../gateway/explorer.js';
import { randomSiren, startHouse, type TestHouse } from './house.js';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const DEADLINE = 15_000;

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
  await house.nobody.get('mutation ($input: FirmSignUpInput!) { firmSignUp(input: $input) { userErrors { message } } }', {
    input: { firmName: 'Comptoir', country: 'FR', registration: { scheme: 'SIREN', value: randomSiren() }, userName: 'Claire', email, password: DEMO_PASSWORD },
  });
  const context = await browser!.newContext();
  const asked: string[] = [];
  context.on('request', (request) => asked.push(request.url()));
  const page = await context.newPage();
  page.setDefaultTimeout(DEADLINE);
  await page.goto(`${house.url}/graphql`);

  for (const name of ['SignIn', 'Dashboard', 'Customer', 'Benchmark', 'Conversations']) await page.getByRole('tab', { name }).waitFor();
  expect(await run(page)).toContain('accessToken');
  await openTab(page, 'Dashboard');
  expect(await run(page)).toContain('"Comptoir"');
  await page.reload();
  expect(await run(page)).toContain('"Comptoir"');

  expect(asked.length).toBeGreaterThan(3);
  expect(asked.filter((url) => !url.startsWith(house.url) && !url.startsWith('blob:') && !url.startsWith('data:'))).toEqual([]);
  await context.close();
});

/** Runs what the open tab holds and returns the answer as the page shows it. */
async function run(page: Page): Promise<string> {
  const answered = page.waitForResponse((response) => response.request().method() === 'POST' && !(response.request().postData() ?? '').includes('IntrospectionQuery'));
  await page.getByRole('button', { name: /^Execute query/ }).click();
  await answered;
  await page.locator('.graphiql-spinner').waitFor({ state: 'detached' });
  return page.locator('.result-window').innerText();
}

async function openTab(page: Page, name: string): Promise<void> {
  await page.getByRole('tab', { name }).click();
}
