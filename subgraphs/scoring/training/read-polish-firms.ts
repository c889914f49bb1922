import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { StatementRatio } from '../score/statement-ratios.js';
import type { PolishFirm } from './statement-study.js';

/** The published ratios that are ratios of ours (numbers of the attributes as in Zięba, Tomczak and Tomczak 2016). */
const ATTRIBUTES: Readonly<Partial<Record<StatementRatio, number>>> = {
  netIncomeToAssets: 1,
  workingCapitalToAssets: 3,
  currentRatio: 4,
  retainedEarningsToAssets: 6,
  ebitToAssets: 7,
  equityToLiabilities: 8,
  ebitToCurrentLiabilities: 12,
  ebitdaMargin: 13,
  ebitdaToLiabilities: 16,
  inventoryDays: 20,
  salesGrowth: 21,
  netMargin: 23,
  threeYearEbitToAssets: 24,
  cashFlowToLiabilities: 26,
  interestCover: 27,
  costsToLiabilities: 34,
  salesToAssets: 36,
  cashRatio: 40,
  operatingMargin: 42,
  receivableDays: 44,
  quickRatio: 46,
  currentLiabilitiesToAssets: 51,
  equityToFixedAssets: 53,
  costsToSales: 58,
  currentLiabilityDays: 62,
};

/** Reads the Polish firms; a row that was there already, to the last digit, is left out. */
export async function readPolishFirms(data: string): Promise<{ readonly firms: PolishFirm[]; readonly duplicates: number }> {
  const lines = gunzipSync(await readFile(join(data, 'scoring', 'polish-1year.arff.gz'))).toString('utf8').split(/\r?\n/);
  const rows = lines.slice(lines.findIndex((line) => /^@data/i.test(line)) + 1).filter((line) => line.trim() !== '' && !line.startsWith('%'));
  const firms = [...new Set(rows)].map((row) => {
    const cells = row.split(',').map((cell) => (cell.trim() === '?' ? null : Number(cell)));
    const attributes = cells.slice(0, 64);
    const attribute = (number: number): number | null => attributes[number - 1] ?? null;
    return {
      company: attribute(55) === null && attribute(29) === null ? row : `${attribute(55)} ${attribute(29)}`,
      failed: cells[64] === 1,
      attributes,
      ratios: Object.fromEntries(Object.entries(ATTRIBUTES).map(([code, number]) => [code, attribute(number)])),
    };
  });
  return { firms, duplicates: rows.length - firms.length };
}
