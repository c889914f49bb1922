import type { FeatureName, Features } from './features.js';
import { addUp, factorOf, type Characteristic, type Factor } from './scorecard.js';

export const RISK_BANDS = ['A', 'B', 'C', 'D', 'E'] as const;
export type RiskBand = (typeof RISK_BANDS)[number];

export type RatioCharacteristic = Characteristic & { readonly ratio: string };

/**
 * A model of default risk, as data. Once a version was used it is never changed: with the same features it gives the same score
 * for ever. docs/MODEL.md says where its points are from.
 */
export interface RiskModel {
  readonly version: string;
  readonly base: number;
  /** What the ledger and the community tell, by the feature that each looks at. */
  readonly behaviour: readonly (Characteristic & { readonly feature: FeatureName })[];
  /**
   * What a financial statement tells, by the ratio that each looks at: of a company whose market value is known, and of any other.
   * Without a statement none of them gives points.
   */
  readonly statement: { readonly listed: readonly RatioCharacteristic[]; readonly unlisted: readonly RatioCharacteristic[] };
  /** The probability of default within a year is 1 ÷ (1 + e^((value − even) ÷ scale)): at `even` it is one half. */
  readonly even: number;
  readonly scale: number;
  /** From which value on a band begins, the safest first; below the last of them it is E. */
  readonly bands: readonly { readonly band: RiskBand; readonly from: number }[];
}

export interface Score {
  /** 0 to 1000, higher is safer; the base and the contributions of its factors. */
  readonly value: number;
  readonly band: RiskBand;
  /** Within one year, 0 to 1. */
  readonly probabilityOfDefault: number;
  readonly base: number;
  readonly factors: readonly Factor[];
}

/** The score of a customer by what is known of it. `adjustments` are points that no model gives: context events, and signals that a user took over. */
export function scoreOf(model: RiskModel, features: Features, adjustments: readonly Factor[] = []): Score {
  const { statement } = features;
  const parts = [
    ...model.behaviour.map((characteristic) => factorOf(characteristic, features[characteristic.feature])),
    ...(statement ? cardOf(model, statement).map((characteristic) => factorOf(characteristic, statement[characteristic.ratio] ?? null)) : []),
    ...adjustments,
  ];
  const { value, factors } = addUp(model.base, parts);
  return { value, band: bandOf(model, value), probabilityOfDefault: probabilityOf(model, value), base: model.base, factors };
}

function cardOf({ statement: { listed, unlisted } }: RiskModel, ratios: NonNullable<Features['statement']>): readonly RatioCharacteristic[] {
  return ratios['marketToLiabilities'] == null ? unlisted : listed;
}

export function probabilityOf({ even, scale }: RiskModel, value: number): number {
  return 1 / (1 + Math.exp((value - even) / scale));
}

export function bandOf({ bands }: RiskModel, value: number): RiskBand {
  return bands.find(({ from }) => value >= from)?.band ?? 'E';
}
