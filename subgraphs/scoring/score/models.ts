import { BEHAVIOUR_2026_11 } from './cards/behaviour-2026-11.js';
import { invariant } from '../../../src/errors.js';
import type { RiskModel } from './model.js';
import type { Label } from './scorecard.js';

/** Every version that was ever used, the newest last. */
const MODELS: readonly RiskModel[] = [
  {
    version: '2026-11',
    base: 600,
    behaviour: BEHAVIOUR_2026_11,
    statement: [],
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

/** What a model calls a factor. */
export function labelOf(version: string, code: string): Label {
  const model = modelOf(version);
  const found = [...(model?.behaviour ?? []), ...(model?.statement ?? [])].find((characteristic) => characteristic.code === code);
  invariant(found, `the model ${version} has no ${code}`);
  return found.label;
}
