import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { LATENESS } from '../score/cards/lateness-2026-11.js';
import { LISTED_STATEMENT, UNLISTED_STATEMENT } from '../score/cards/statement-2026-11.js';
import { probabilityAt, scoreOfCard, type Observed } from '../score/trained-card.js';
import { withText } from './card-file.js';
import { customerOf } from './read-paid-ledger.js';
import { leaksOf, type Material } from './run-study.js';
import type { UsFirm } from './statement-study.js';

const ROOT = join(import.meta.dirname, '..', '..', '..', '..');
const DATA = join(ROOT, '..', 'shared', 'data');
const CARDS = { listed: LISTED_STATEMENT, unlisted: UNLISTED_STATEMENT, lateness: LATENESS };

// The data are no part of the project; without them there is nothing to train on.
const withData = existsSync(join(DATA, 'scoring')) && existsSync(join(DATA, 'ledgers')) ? test : test.skip;

interface Proof {
  readonly fitted: unknown;
  readonly texts: Readonly<Record<string, string>>;
  readonly beaten: readonly string[];
  readonly leaks: readonly string[];
  readonly shown: readonly { readonly ratios: Observed; readonly said: number }[];
}

/** Trained and judged in a process of its own: in the one that runs the tests it takes four times as long. */
async function prove(): Promise<Proof> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'run-proof.js'), DATA, '2026-11'], { maxBuffer: 64 * 1024 * 1024 });
  return JSON.parse(stdout) as Proof;
}

withData('trained again, the cards are those that serve; held to what they have not seen, they beat every baseline and the model card says so', async () => {
  const { fitted, texts, beaten, leaks, shown } = await prove();
  expect(fitted).toEqual(CARDS);
  expect(beaten).toEqual([]);
  const page = await readFile(join(ROOT, 'docs', 'MODEL.md'), 'utf8');
  expect(Object.keys(texts).toSorted()).toEqual(['data', 'lateness', 'listed', 'unlisted']);
  expect(Object.entries(texts).reduce((text, [name, figures]) => withText(text, name, figures), page)).toBe(page);
  // Nobody is on both sides, and nothing that is learned is later than what is held back.
  expect(leaks).toEqual([]);
  // What serving computes of a statement is what training said of the row, worked out here from the card's figures alone.
  expect(shown).toHaveLength(500);
  for (const { ratios, said } of shown) {
    let value = LISTED_STATEMENT.base;
    for (const { code, bins, unknown } of LISTED_STATEMENT.characteristics) {
      const ratio = ratios[code];
      value += ratio === null || ratio === undefined ? unknown : bins[bins.filter(({ below }) => below !== null && ratio >= below).length]!.points;
    }
    const served = scoreOfCard(LISTED_STATEMENT, ratios);
    expect([served.value, probabilityAt(LISTED_STATEMENT, served.value)]).toEqual([value, said]);
    expect(served.factors.reduce((sum, { contribution }) => sum + contribution, served.base)).toBe(value);
  }
}, 240_000);

test('whoever is on both sides, or learned from too late, is a leak', () => {
  const firm = (company: string, year: number): UsFirm => ({ company, year }) as UsFirm;
  const material = {
    us: { learn: [firm('A', 2010), firm('B', 2011)], held: new Map([['3_test', [firm('C', 2011), firm('A', 2012)]]]) },
    polish: { learn: [{ company: '1' }], held: [{ company: '2' }, { company: '1' }] },
    lateness: { learn: [{ group: 'X', decided: 4 }, { group: 'Y', decided: 5 }], held: [{ group: 'Z', issued: 5 }, { group: 'X', issued: 7 }] },
  } as unknown as Material;
  expect(leaksOf(material)).toEqual(['A', '1', 'X', 'B 2011', 'Y 5']);
});

test('the customer whose invoices come twice, under two names, would teach what is held back: one name, one side', () => {
  expect(customerOf('WAL-MAR  corp')).toBe(customerOf('WAL-MAR trust '));
});

test.each(Object.values(CARDS))('$version: whole points that only rise or only fall, and values from 0 to 1000', (card) => {
  let least = card.base;
  let most = card.base;
  for (const { code, bins, unknown } of card.characteristics) {
    const points = bins.map((bin) => bin.points);
    expect([code, points.every(Number.isSafeInteger), unknown]).toEqual([code, true, 0]);
    const rising = points.every((point, index) => index === 0 || point > points[index - 1]!);
    const falling = points.every((point, index) => index === 0 || point < points[index - 1]!);
    expect([code, rising !== falling]).toEqual([code, true]);
    const bounds = bins.slice(0, -1).map(({ below }) => below!);
    expect(bounds).toEqual([...new Set(bounds)].toSorted((one, other) => one - other));
    expect(bins.at(-1)!.below).toBeNull();
    least += Math.min(...points);
    most += Math.max(...points);
  }
  expect(card.characteristics.length).toBeGreaterThan(3);
  expect(least).toBeGreaterThanOrEqual(0);
  expect(most).toBeLessThanOrEqual(1000);
});
