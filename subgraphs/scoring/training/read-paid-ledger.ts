import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { daysBetween, EARLIEST_DAY, parseDay, parseDayFormat } from '../../../src/values/day.js';
import type { PaidInvoice } from './lateness-study.js';

/** What was left out of a ledger, and why. */
export interface Cleaning {
  readonly rows: number;
  readonly duplicates: number;
  readonly withoutId: number;
  readonly dueBeforeIssue: number;
  readonly unreadable: number;
  readonly spellings: number;
  readonly customers: number;
}

const FORMAT = parseDayFormat('dd-MMM-yyyy')!;

/** Words of legal form, and others that were appended to the names of this ledger. They are in lower case; names are not. */
const APPENDED = /(?:\s+(?:corp|corporation|co|llc|us|in|trust|foundation|systems|associates))+$/;

/** Reads the food distributor's settled receivables and cleans them. */
export async function readPaidLedger(data: string): Promise<{ readonly invoices: PaidInvoice[]; readonly cleaning: Cleaning }> {
  const [, ...rows] = parse(await readFile(join(data, 'ledgers', 'highradius-paid.csv'), 'utf8'), { relax_quotes: true }) as string[][];
  const seen = new Set<string>();
  const spellings = new Set<string>();
  let duplicates = 0;
  let withoutId = 0;
  let dueBeforeIssue = 0;
  let unreadable = 0;
  const invoices: PaidInvoice[] = [];
  for (const [id = '', name = '', , currency = '', amountText = '', issuedText = '', dueText = '', settledText = ''] of rows) {
    if (id.trim() === '') {
      withoutId += 1;
      continue;
    }
    if (seen.has(id)) {
      duplicates += 1;
      continue;
    }
    seen.add(id);
    const [issued, due, settled] = [issuedText, dueText, settledText].map((text) => parseDay(text.trim(), FORMAT));
    const amount = Math.round(Number(amountText) * 100) / 100;
    const customer = customerOf(name);
    if (!issued || !due || !settled || !(amount > 0) || customer === '') {
      unreadable += 1;
      continue;
    }
    if (daysBetween(issued, due) < 0) {
      dueBeforeIssue += 1;
      continue;
    }
    spellings.add(name);
    invoices.push({ id, customer, currency, amount, issued: daysBetween(EARLIEST_DAY, issued), due: daysBetween(EARLIEST_DAY, due), settled: daysBetween(EARLIEST_DAY, settled) });
  }
  const customers = new Set(invoices.map(({ customer }) => customer)).size;
  return { invoices: invoices.toSorted((one, other) => one.issued - other.issued || (one.id < other.id ? -1 : 1)), cleaning: { rows: rows.length, duplicates, withoutId, dueBeforeIssue, unreadable, spellings: spellings.size, customers } };
}

/** One name for all spellings: without what was appended, and with single spaces. */
export function customerOf(name: string): string {
  return name.trim().replace(APPENDED, '').replaceAll(/\s+/g, ' ').toUpperCase();
}
