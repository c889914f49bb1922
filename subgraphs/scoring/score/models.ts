import { BEHAVIOUR_2026_11 } from './cards/behaviour-2026-11.js';
import { LISTED_STATEMENT, UNLISTED_STATEMENT } from './cards/statement-2026-11.js';
import { invariant } from '../../../src/errors.js';
import type { RatioCharacteristic, RiskModel } from './model.js';
import { RATIO_LABELS } from './ratio-labels.js';
import type { Characteristic, Label } from './scorecard.js';
import type { StatementRatio } from './statement-ratios.js';
import type { TrainedCard } from './trained-card.js';

/** The characteristics of a trained card with what they are called. Its points are on the scale of the model, above and below the average company that it was made of. */
function namedRatios({ characteristics }: TrainedCard): readonly RatioCharacteristic[] {
  return characteristics.map((characteristic) => {
    const { unit, ...label } = RATIO_LABELS[characteristic.code as StatementRatio];
    return { ...characteristic, ratio: characteristic.code, unit, label };
  });
}

/** Every version that was ever used, the newest last. */
const MODELS: readonly RiskModel[] = [
  {
    version: '2026-11',
    base: 600,
    behaviour: BEHAVIOUR_2026_11,
    statement: { listed: namedRatios(LISTED_STATEMENT), unlisted: namedRatios(UNLISTED_STATEMENT) },
    // 50 points double the odds; 2 % at 600.
    even: 319,
    scale: 72.134752,
    bands: [{ band: 'A', from: 700 }, { band: 'B', from: 620 }, { band: 'C', from: 520 }, { band: 'D', from: 400 }],
  },
];

export const CURRENT_MODEL = MODELS.at(-1)!;

/** The model of that version; nothing when there was none. */
export function modelOf(version: string): RiskModel | undefined {
  return MODELS.find((model) => model.version === version);
}

/** All that a model may look at; a ratio that both cards of statements look at comes twice. */
export function characteristicsOf({ behaviour, statement }: RiskModel): readonly Characteristic[] {
  return [...behaviour, ...statement.listed, ...statement.unlisted];
}

/** What a model calls a factor. */
export function labelOf(version: string, code: string): Label {
  const model = modelOf(version);
  const found = (model ? characteristicsOf(model) : []).find((characteristic) => characteristic.code === code);
  invariant(found, `the model ${version} has no ${code}`);
  return found.label;
}
