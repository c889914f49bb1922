import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { LATENESS } from '../score/cards/lateness-2026-11.js';
import { LISTED_STATEMENT, UNLISTED_STATEMENT } from '../score/cards/statement-2026-11.js';
import { probabilityAt, scoreOfCard, type Observed } from '../score/trained-card.js';
import { withText } from './card-file.js';
import { probabilityOf } from './fit.js';
import { customerOf } from './read-paid-ledger.js';
import { fitCards, judgeCards, readMaterial } from './run-study.js';
import { usSample } from './statement-study.js';

const ROOT = join(import.meta.dirname, '..', '..', '..', '..');
const DATA = join(ROOT, '..', 'shared', 'data');
const CARDS = { listed: LISTED_STATEMENT, unlisted: UNLISTED_STATEMENT, lateness: LATENESS };

// The data are no part of the project; without them there is nothing to train on.
const withData = existsSync(join(DATA, 'scoring')) && existsSync(join(DATA, 'ledgers')) ? test : test.skip;

withData('trained again, the cards are those that serve; held to what they have not seen, they beat every baseline and the model card says so', async () => {
  const material = await readMaterial(DATA);
  expect(fitCards(material, '2026-11')).toEqual(CARDS);
  const { texts, beaten } = judgeCards(CARDS, material);
  expect(beaten).toEqual([]);
  const page = await readFile(join(ROOT, 'docs', 'MODEL.md'), 'utf8');
  expect(Object.entries(texts).reduce((text, [name, figures]) => withText(text, name, figures), page)).toBe(page);
  // Nobody is on both sides, and nothing that is learned is later than what is held back.
  const learned = new Set(material.us.learn.map(({ company }) => company));
  const held = [...material.us.held.values()].flat();
  expect(held.filter(({ company }) => learned.has(company))).toEqual([]);
  expect(Math.max(...material.us.learn.map(({ year }) => year))).toBeLessThan(Math.min(...held.map(({ year }) => year)));
  const polish = new Set(material.polish.learn.map(({ company }) => company));
  expect(material.polish.held.filter(({ company }) => polish.has(company))).toEqual([]);
  const customers = new Set(material.lateness.learn.map(({ group }) => group));
  expect(material.lateness.held.filter(({ group }) => customers.has(group))).toEqual([]);
  const firstHeld = material.lateness.held.reduce((first, { issued }) => Math.min(first, issued), Infinity);
  expect(material.lateness.learn.filter(({ decided }) => decided >= firstHeld)).toEqual([]);
  // What serving computes of a statement is what training said of the row, worked out here from the card's figures alone.
  for (const firm of held.slice(0, 500)) {
    const ratios: Observed = firm.ratios;
    let value = LISTED_STATEMENT.base;
    for (const { code, bins, unknown } of LISTED_STATEMENT.characteristics) {
      const ratio = ratios[code];
      value += ratio === null || ratio === undefined ? unknown : bins[bins.filter(({ below }) => below !== null && ratio >= below).length]!.points;
    }
    const served = scoreOfCard(LISTED_STATEMENT, firm.ratios);
    expect([served.value, probabilityAt(LISTED_STATEMENT, served.value)]).toEqual([value, probabilityOf(CARDS.listed, usSample(firm))]);
    expect(served.factors.reduce((sum, { contribution }) => sum + contribution, served.base)).toBe(value);
  }
  // The customer whose invoices come twice, under two names, would teach what is held back: one name, one side.
  expect(customerOf('WAL-MAR  corp')).toBe(customerOf('WAL-MAR trust '));
}, 240_000);

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
