import type { StatementRatio } from './statement-ratios.js';

/** What a ratio of a statement is called, and whether it is a plain ratio or counts days or years. */
export interface RatioLabel {
  readonly en: string;
  readonly fr: string;
  readonly unit: 'RATIO' | 'DAYS' | 'COUNT';
}

/** Names of the ratios of a statement in English and French. */
export const RATIO_LABELS: Readonly<Record<StatementRatio, RatioLabel>> = {
  workingCapitalToAssets: { en: 'Working capital to total assets', fr: 'Fonds de roulement / total de l’actif', unit: 'RATIO' },
  retainedEarningsToAssets: { en: 'Retained earnings to total assets', fr: 'Réserves et report à nouveau / total de l’actif', unit: 'RATIO' },
  ebitToAssets: { en: 'Operating result to total assets', fr: 'Résultat d’exploitation / total de l’actif', unit: 'RATIO' },
  equityToLiabilities: { en: 'Equity to liabilities', fr: 'Capitaux propres / dettes', unit: 'RATIO' },
  salesToAssets: { en: 'Sales to total assets', fr: 'Chiffre d’affaires / total de l’actif', unit: 'RATIO' },
  netIncomeToAssets: { en: 'Net income to total assets', fr: 'Résultat net / total de l’actif', unit: 'RATIO' },
  currentRatio: { en: 'Current assets to current liabilities', fr: 'Actif circulant / dettes à court terme', unit: 'RATIO' },
  quickRatio: { en: 'Current assets without stock to current liabilities', fr: 'Actif circulant hors stocks / dettes à court terme', unit: 'RATIO' },
  cashRatio: { en: 'Cash and the like to current liabilities', fr: 'Trésorerie et assimilés / dettes à court terme', unit: 'RATIO' },
  cashFlowToLiabilities: { en: 'Cash flow to liabilities', fr: 'Capacité d’autofinancement / dettes', unit: 'RATIO' },
  ebitdaMargin: { en: 'Operating result before depreciation to sales', fr: 'Excédent brut d’exploitation / chiffre d’affaires', unit: 'RATIO' },
  ebitdaToLiabilities: { en: 'Operating result before depreciation to liabilities', fr: 'Excédent brut d’exploitation / dettes', unit: 'RATIO' },
  ebitToCurrentLiabilities: { en: 'Operating result to current liabilities', fr: 'Résultat d’exploitation / dettes à court terme', unit: 'RATIO' },
  threeYearEbitToAssets: { en: 'Operating result of three years to total assets', fr: 'Résultat d’exploitation de trois ans / total de l’actif', unit: 'RATIO' },
  operatingMargin: { en: 'Operating result to sales', fr: 'Résultat d’exploitation / chiffre d’affaires', unit: 'RATIO' },
  netMargin: { en: 'Net income to sales', fr: 'Résultat net / chiffre d’affaires', unit: 'RATIO' },
  currentLiabilitiesToAssets: { en: 'Current liabilities to total assets', fr: 'Dettes à court terme / total de l’actif', unit: 'RATIO' },
  currentLiabilityDays: { en: 'Current liabilities in days of sales', fr: 'Dettes à court terme en jours de chiffre d’affaires', unit: 'DAYS' },
  inventoryDays: { en: 'Stock in days of sales', fr: 'Stocks en jours de chiffre d’affaires', unit: 'DAYS' },
  receivableDays: { en: 'Receivables in days of sales', fr: 'Créances clients en jours de chiffre d’affaires', unit: 'DAYS' },
  interestCover: { en: 'Operating result to interest', fr: 'Résultat d’exploitation / charges financières', unit: 'RATIO' },
  costsToSales: { en: 'Operating costs to sales', fr: 'Charges d’exploitation / chiffre d’affaires', unit: 'RATIO' },
  costsToLiabilities: { en: 'Operating costs to liabilities', fr: 'Charges d’exploitation / dettes', unit: 'RATIO' },
  equityToFixedAssets: { en: 'Equity to fixed assets', fr: 'Capitaux propres / actif immobilisé', unit: 'RATIO' },
  salesGrowth: { en: 'Sales to those of the year before', fr: 'Chiffre d’affaires / celui de l’exercice précédent', unit: 'RATIO' },
  assetGrowth: { en: 'Total assets to those of the year before', fr: 'Total de l’actif / celui de l’exercice précédent', unit: 'RATIO' },
  netIncomeChange: { en: 'Change of net income, −1 to 1', fr: 'Évolution du résultat net, de −1 à 1', unit: 'RATIO' },
  liabilitiesChange: { en: 'Change of liabilities to total assets', fr: 'Évolution de dettes / total de l’actif', unit: 'RATIO' },
  yearsOfLoss: { en: 'Years of loss of the last three', fr: 'Exercices déficitaires sur les trois derniers', unit: 'COUNT' },
  marketToLiabilities: { en: 'Market value to liabilities', fr: 'Capitalisation boursière / dettes', unit: 'RATIO' },
  netIncomeToMarketAssets: { en: 'Net income to assets at market value', fr: 'Résultat net / actif en valeur de marché', unit: 'RATIO' },
  cashToMarketAssets: { en: 'Cash and the like to assets at market value', fr: 'Trésorerie et assimilés / actif en valeur de marché', unit: 'RATIO' },
  marketValueChange: { en: 'Market value to that of the year before', fr: 'Capitalisation boursière / celle de l’exercice précédent', unit: 'RATIO' },
};
