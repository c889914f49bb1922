import type { TrainedCard } from '../score/trained-card.js';
import type { Interval } from './discrimination.js';
import type { Verdict } from './judge.js';

/** A verdict as Markdown: areas with their intervals, leads over the baselines, and what was said of each tenth against what came. */
export function verdictText({ name, rows, bad, groups, area, drawnArea, gini, brier, brierOfRate, said, deciles, against }: Verdict, unit: string): string {
  return [
    `#### ${name}`,
    '',
    `${count(rows)} rows of ${count(groups)} ${unit}, ${count(bad)} bad (${percent(bad / rows)}; said ${percent(said)}). Gini ${gini.toFixed(3)}. Brier ${brier.toFixed(4)}; saying the rate for everybody: ${brierOfRate.toFixed(4)}.`,
    '',
    '| | AUC | 95 % (DeLong) | 95 % (bootstrap) | lead of the card | 95 % (DeLong) | 95 % (bootstrap) |',
    '|---|---|---|---|---|---|---|',
    `| **card** | **${area.value.toFixed(3)}** | ${range(area)} | ${range(drawnArea)} | | | |`,
    ...against.map((other) => `| ${other.name}${other.shownOnly ? ' *' : ''} | ${other.area.value.toFixed(3)} | ${range(other.area)} | | ${signed(other.lead.value)} | ${signedRange(other.lead)} | ${signedRange(other.drawnLead)} |`),
    '',
    `| tenth | ${deciles.map((_, index) => index + 1).join(' | ')} |`,
    `|---|${deciles.map(() => '---').join('|')}|`,
    `| said | ${deciles.map((decile) => percent(decile.said)).join(' | ')} |`,
    `| came | ${deciles.map((decile) => percent(decile.seen)).join(' | ')} |`,
    `| bad of rows | ${deciles.map((decile) => `${decile.bad} / ${decile.rows}`).join(' | ')} |`,
    '',
    ...(against.some(({ shownOnly }) => shownOnly) ? ['\\* shown, not demanded.'] : []),
  ].join('\n').trimEnd();
}

/** A card as Markdown: each characteristic with its bins and their points. */
export function cardText({ version, base, at, scale, characteristics }: TrainedCard): string {
  return [
    `#### Card \`${version}\``,
    '',
    `Base ${base}; even odds at ${at}; the odds grow e-fold with each ${scale} points.`,
    '',
    '| characteristic | points |',
    '|---|---|',
    ...characteristics.map(({ code, bins }) => `| \`${code}\` | ${bins.map(({ below, points }, index) => `${below === null ? `from ${bins[index - 1]?.below ?? '−∞'}` : `below ${below}`}: ${points > 0 ? '+' : ''}${points}`).join('; ')} |`),
  ].join('\n');
}

function range({ low, high }: Interval): string {
  return `${low.toFixed(3)}–${high.toFixed(3)}`;
}

function signedRange({ low, high }: Interval): string {
  return `${signed(low)} to ${signed(high)}`;
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(3)}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function count(value: number): string {
  return String(value).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
}
