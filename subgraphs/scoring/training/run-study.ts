import type { TrainedCard } from '../score/trained-card.js';
import { beatsAll, type Verdict } from './judge.js';
import { fitLateness, judgeLateness, judgeLatenessMethod, splitLedger, type LatenessSplit } from './lateness-study.js';
import { cardText, verdictText } from './model-report.js';
import { readPaidLedger, type Cleaning } from './read-paid-ledger.js';
import { readPolishFirms } from './read-polish-firms.js';
import { readUsFirms } from './read-us-firms.js';
import { fitListed, fitUnlisted, judgeListed, judgeUnlisted, judgeUnlistedMethod, splitPolishFirms, splitUsFirms, type PolishSplit, type UsSplit } from './statement-study.js';

/** The data in their parts: what is learned and what is held back. */
export interface Material {
  readonly us: UsSplit;
  readonly polish: PolishSplit;
  readonly lateness: LatenessSplit;
  readonly polishDuplicates: number;
  readonly cleaning: Cleaning;
}

export interface Cards {
  readonly listed: TrainedCard;
  readonly unlisted: TrainedCard;
  readonly lateness: TrainedCard;
}

/** What the cards did on what was held back. */
export interface Findings {
  /** One text for each marked place of the model card, by its name. */
  readonly texts: Readonly<Record<string, string>>;
  /** What has to beat its baselines and does not. */
  readonly beaten: readonly string[];
}

/** Reads all data from the folder and splits them. */
export async function readMaterial(data: string): Promise<Material> {
  const [us, polish, ledger] = await Promise.all([readUsFirms(data), readPolishFirms(data), readPaidLedger(data)]);
  return { us: splitUsFirms(us), polish: splitPolishFirms(polish.firms), lateness: splitLedger(ledger.invoices), polishDuplicates: polish.duplicates, cleaning: ledger.cleaning };
}

/** Who or what of the data held back could have been learned from: none of it, or a proof proves nothing. */
export function leaksOf({ us, polish, lateness }: Material): readonly string[] {
  const held = [...us.held.values()].flat();
  const firstHeldYear = held.reduce((first, { year }) => Math.min(first, year), Infinity);
  const firstHeldDay = lateness.held.reduce((first, { issued }) => Math.min(first, issued), Infinity);
  return [
    ...bothSides(us.learn.map(({ company }) => company), held.map(({ company }) => company)),
    ...bothSides(polish.learn.map(({ company }) => company), polish.held.map(({ company }) => company)),
    ...bothSides(lateness.learn.map(({ group }) => group), lateness.held.map(({ group }) => group)),
    ...us.learn.filter(({ year }) => year >= firstHeldYear).map(({ company, year }) => `${company} ${year}`),
    ...lateness.learn.filter(({ decided }) => decided >= firstHeldDay).map(({ group, decided }) => `${group} ${decided}`),
  ];
}

function bothSides(learned: readonly string[], held: readonly string[]): readonly string[] {
  const names = new Set(learned);
  return held.filter((name) => names.has(name));
}

/** Makes the cards of what is to be learned from. The same data give the same cards. */
export function fitCards({ us, polish, lateness }: Material, version: string): Cards {
  return { listed: fitListed(`statement-listed-${version}`, us), unlisted: fitUnlisted(`statement-unlisted-${version}`, polish), lateness: fitLateness(`lateness-${version}`, lateness) };
}

/** Holds the cards to what was held back. */
export function judgeCards(cards: Cards, material: Material): Findings {
  const listed = judgeListed(cards.listed, material.us);
  const [unlisted, ...travelled] = judgeUnlisted(cards.unlisted, material.polish, material.us);
  const lateness = judgeLateness(cards.lateness, material.lateness);
  const textOf = (card: TrainedCard, verdicts: readonly Verdict[], unit: string): string => [cardText(card), ...verdicts.map((verdict) => verdictText(verdict, unit))].join('\n\n');
  return {
    texts: {
      data: dataText(material),
      listed: textOf(cards.listed, listed, 'companies'),
      unlisted: textOf(cards.unlisted, [unlisted!, ...travelled], 'companies'),
      lateness: textOf(cards.lateness, lateness, 'customers'),
    },
    beaten: namesOfBeaten([...listed, unlisted!, ...lateness]),
  };
}

/** Holds the method, rather than the cards, to all Polish firms and all customers: cards made anew for each part that they have not seen. */
export function judgeMethods({ polish, lateness }: Material): Findings {
  const ofPolish = judgeUnlistedMethod(polish);
  const ofLateness = judgeLatenessMethod(lateness);
  return { texts: { 'unlisted method': verdictText(ofPolish, 'companies'), 'lateness method': verdictText(ofLateness, 'customers') }, beaten: namesOfBeaten([ofPolish, ofLateness]) };
}

function namesOfBeaten(verdicts: readonly Verdict[]): string[] {
  return verdicts.filter((verdict) => !beatsAll(verdict)).map(({ name }) => name);
}

function dataText({ us, polish, lateness, polishDuplicates, cleaning }: Material): string {
  const held = [...us.held];
  const heldFirms = held.flatMap(([, firms]) => firms);
  const yearsOf = (years: readonly number[]): string => `${years.reduce((one, other) => Math.min(one, other))}–${years.reduce((one, other) => Math.max(one, other))}`;
  const badOf = (rows: readonly { readonly bad?: boolean; readonly failed?: boolean }[]): number => rows.filter((row) => row.bad ?? row.failed).length;
  const companiesOf = (rows: readonly { readonly group: string }[]): number => new Set(rows.map(({ group }) => group)).size;
  return [
    '| data | learned from | held back |',
    '|---|---|---|',
    `| US listed firms | ${us.learn.length} last years of windows (${yearsOf(us.learn.map(({ year }) => year))}), ${badOf(us.learn)} failed | ${held.map(([window, firms]) => `${window.split('_')[0]!} years: ${firms.length}, ${badOf(firms)} failed`).join('; ')} (${yearsOf(heldFirms.map(({ year }) => year))}) |`,
    `| Polish firms | ${polish.learn.length}, ${badOf(polish.learn)} failed | ${polish.held.length}, ${badOf(polish.held)} failed |`,
    `| Invoices | ${lateness.learn.length} of ${companiesOf(lateness.learn)} customers, ${badOf(lateness.learn)} late | ${lateness.held.length} of ${companiesOf(lateness.held)} customers, ${badOf(lateness.held)} late |`,
    '',
    `Left out of the Polish firms: ${polishDuplicates} rows that were there already. Left out of ${cleaning.rows} ledger rows: ${cleaning.duplicates} duplicates, ${cleaning.withoutId} without an id, ${cleaning.dueBeforeIssue} due before their issue, ${cleaning.unreadable} without a readable day or a positive amount. ${cleaning.spellings} spellings are ${cleaning.customers} customers.`,
  ].join('\n');
}
