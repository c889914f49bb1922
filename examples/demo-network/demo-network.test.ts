import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { parseRegistration, legalUnit } from '../../src/values/registration.js';
import { makeDemoNetwork, type DemoNetwork } from './demo-network.js';
import { writeLedgerFile } from './ledger-file.js';
import { MEMBER_FIRMS, SHOWN_FIRMS } from './member-firms.js';
import { HISTORY_DAYS, type DemoInvoice } from './trading.js';

/** January to March of a common year, in days. */
const SHORTEST_QUARTER = 90;

const TODAY = Temporal.PlainDate.from('2026-11-22');
const network = makeDemoNetwork(TODAY);
const invoices = network.firms.flatMap((firm) => firm.customers.flatMap((customer) => customer.invoices));

function fingerprint({ firms }: DemoNetwork): string {
  const hash = createHash('sha256');
  for (const firm of firms) hash.update(writeLedgerFile(firm));
  return hash.digest('hex');
}

test('the same day and seed make the same network to the last byte, another seed or day another one', () => {
  const own = fingerprint(network);
  expect(fingerprint(makeDemoNetwork(TODAY))).toBe(own);
  expect(fingerprint(makeDemoNetwork(TODAY, 7))).not.toBe(own);
  expect(fingerprint(makeDemoNetwork(TODAY.add({ days: 1 })))).not.toBe(own);
});

test('14 firms of three sectors sell to 60 shared customers; there are about 40,000 invoices', () => {
  expect(network.firms.length).toBe(14);
  expect(new Set(MEMBER_FIRMS.map((firm) => firm.sector)).size).toBe(3);
  expect(network.sharedCustomers.length).toBe(60);
  expect(invoices.length).toBeGreaterThan(38_000);
  expect(invoices.length).toBeLessThan(42_000);
});

test('every registration passes its check digits, in three schemes, and those of a shared customer mean one legal unit', () => {
  const schemes = new Set<string>();
  const suppliersByUnit = new Map<string, Set<string>>();
  for (const firm of network.firms) {
    expect(parseRegistration('SIREN', firm.siren)).toEqual({ scheme: 'SIREN', value: firm.siren });
    for (const { registration } of firm.customers) {
      if (!registration) continue;
      expect(parseRegistration(registration.scheme, registration.value)).toEqual(registration);
      schemes.add(registration.scheme);
      const unit = legalUnit(registration);
      suppliersByUnit.set(unit, (suppliersByUnit.get(unit) ?? new Set()).add(firm.name));
    }
  }
  expect([...schemes].toSorted()).toEqual(['SIREN', 'SIRET', 'VAT']);
  for (const customer of network.sharedCustomers) {
    expect([...suppliersByUnit.get(`SIREN:${customer.siren}`)!].toSorted()).toEqual(customer.suppliers.map((firm) => firm.name).toSorted());
  }
});

test('each firm whose sign-in is shown has customers of every tier, and courses both ways among those with a direction', () => {
  for (const name of SHOWN_FIRMS) {
    const own = network.sharedCustomers.filter((customer) => customer.suppliers.some((firm) => firm.name === name));
    const others = own.map((customer) => customer.suppliers.length - 1);
    for (const [low, high] of [[1, 2], [3, 4], [5, 9], [10, 13]] as const) expect(others.some((count) => count >= low && count <= high)).toBe(true);
    const courses = new Set(own.filter((customer) => customer.suppliers.length >= 4).map((customer) => customer.character.course));
    expect([...courses].toSorted()).toEqual(['IMPROVING', 'STEADY', 'WORSENING']);
    expect(network.sharedCustomers[0]!.suppliers.some((firm) => firm.name === name)).toBe(true);
    // A hidden slow payer: on time here, late with five others and more.
    expect(own.some(({ favoured }) => favoured?.name === name)).toBe(true);
  }
});

test('every supplier of a shared customer has at least three invoices to it in any quarter', () => {
  for (const firm of network.firms) {
    for (const customer of firm.customers) {
      const isShared = customer.registration && network.sharedCustomers.some(({ siren }) => legalUnit(customer.registration!) === `SIREN:${siren}`);
      if (!isShared) continue;
      const ages = customer.invoices.filter(({ kind }) => kind === 'INVOICE').map(({ age }) => age).toReversed();
      expect(ages[2]).toBeLessThan(SHORTEST_QUARTER);
      expect(ages.at(-3)).toBeGreaterThan(HISTORY_DAYS - SHORTEST_QUARTER);
      // The fourth that follows one lies less than a quarter before it: so any quarter in between holds three.
      for (let index = 3; index < ages.length; index += 1) expect(ages[index]! - ages[index - 3]!).toBeLessThan(SHORTEST_QUARTER);
    }
  }
});

test('lateness lies where the sources say: about two thirds paid late, the median around ten days', () => {
  const lateness = invoices.filter((invoice) => invoice.kind === 'INVOICE' && invoice.settledOn).map((invoice) => invoice.dueDate.until(invoice.settledOn!, { largestUnit: 'day' }).days);
  const late = lateness.filter((days) => days > 0).length / lateness.length;
  expect(late).toBeGreaterThan(0.55);
  expect(late).toBeLessThan(0.75);
  const median = lateness.toSorted((one, other) => one - other)[Math.floor(lateness.length / 2)];
  expect(median).toBeGreaterThan(5);
  expect(median).toBeLessThan(18);
});

test('a drifting customer pays its latest invoices at least ten days later, or earlier, than half a year before', () => {
  for (const customer of network.sharedCustomers) {
    const recent = meanLateness(customer.siren, 100, 180);
    const before = meanLateness(customer.siren, 270, 450);
    if (customer.character.course === 'WORSENING') expect(recent - before).toBeGreaterThan(10);
    else if (customer.character.course === 'IMPROVING') expect(before - recent).toBeGreaterThan(10);
    else expect(Math.abs(recent - before)).toBeLessThan(10);
  }
});

test('the ledger is one that could be: no due day before issue, none settled before issue or after today, all kinds there', () => {
  expect(count(({ issueDate, dueDate }) => Temporal.PlainDate.compare(dueDate, issueDate) < 0)).toBe(0);
  expect(count(({ issueDate }) => Temporal.PlainDate.compare(issueDate, TODAY) > 0)).toBe(0);
  expect(count(({ issueDate, settledOn }) => settledOn !== null && (Temporal.PlainDate.compare(settledOn, issueDate) < 0 || Temporal.PlainDate.compare(settledOn, TODAY) > 0))).toBe(0);
  expect(count(({ kind }) => kind === 'CREDIT_NOTE')).toBeGreaterThan(500);
  expect(count(({ partPaid }) => partPaid !== null)).toBeGreaterThan(50);
  expect(count(({ settledOn }) => settledOn === null)).toBeGreaterThan(2000);
  for (const { amountMinor, partPaid } of invoices) {
    if (partPaid) expect(partPaid.amountMinor > 0n && partPaid.amountMinor < amountMinor && Temporal.PlainDate.compare(partPaid.on, TODAY) <= 0).toBe(true);
  }
  expect(new Set(network.firms[0]!.customers.flatMap((customer) => customer.invoices.map((invoice) => invoice.number))).size).toBe(network.firms[0]!.customers.flatMap((customer) => customer.invoices).length);
});

function count(test: (invoice: DemoInvoice) => boolean): number {
  return invoices.filter(test).length;
}

function meanLateness(siren: string, fromDaysAgo: number, toDaysAgo: number): number {
  const days = network.firms.flatMap((firm) => firm.customers)
    .filter((customer) => customer.registration && legalUnit(customer.registration) === `SIREN:${siren}`)
    .flatMap((customer) => customer.invoices)
    .filter(({ kind, settledOn, age }) => kind === 'INVOICE' && settledOn !== null && age >= fromDaysAgo && age <= toDaysAgo)
    .map(({ dueDate, settledOn }) => dueDate.until(settledOn!, { largestUnit: 'day' }).days);
  return days.reduce((sum, value) => sum + value, 0) / days.length;
}
