import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { statementRatios, type StatementLines } from '../score/statement-ratios.js';
import type { UsFirm } from './statement-study.js';

/** Reads the windows of listed firms (Pellegrino et al. 2024; Lombardo et al. 2022): one row for each last year of a window. */
export async function readUsFirms(data: string): Promise<UsFirm[]> {
  const [head, ...rows] = gunzipSync(await readFile(join(data, 'scoring', 'us-firm-years.csv.gz'))).toString('utf8').trim().split(/\r?\n/).map((line) => line.split(','));
  const years = rows.map((cells) => {
    const cell = (name: string): string => cells[head!.indexOf(name)] ?? '';
    const number = (name: string): number | null => (cell(name) === '' || Number.isNaN(Number(cell(name))) ? null : Number(cell(name)));
    return {
      company: cell('company'), year: Number(cell('fyear')), failed: cell('status') === '1', windows: cell('splits').split('|').filter(Boolean),
      lines: {
        totalAssets: number('total_assets'), currentAssets: number('current_assets'), inventory: number('inventory'), receivables: number('total_receivables'),
        totalLiabilities: number('total_liabilities'), currentLiabilities: number('total_current_liabilities'), retainedEarnings: number('retained_earnings'),
        sales: number('net_sales'), costs: number('total_operating_expenses'), ebit: number('ebit'), depreciation: number('depreciation_and_amortization'),
        interest: null, netIncome: number('net_income'), marketValue: number('market_value'),
      },
    };
  });
  return [...Map.groupBy(years, ({ company }) => company).values()].flatMap((ofCompany) => {
    const names = [...new Set(ofCompany.flatMap(({ windows }) => windows))];
    const lastOf = new Map(names.map((name) => [name, Math.max(...ofCompany.filter(({ windows }) => windows.includes(name)).map(({ year }) => year))]));
    return ofCompany.flatMap((last) => {
      const windows = names.filter((name) => lastOf.get(name) === last.year && last.windows.includes(name)).toSorted();
      if (windows.length === 0) return [];
      const yearBefore = (years: number): StatementLines | null => ofCompany.find(({ year }) => year === last.year - years)?.lines ?? null;
      const before = yearBefore(1);
      const earlier = yearBefore(2);
      return [{ company: last.company, year: last.year, windows, failed: last.failed, lines: last.lines, ratios: statementRatios(last.lines, before, before && earlier ? [earlier] : []) }];
    });
  });
}
