/** A model of default risk, as the API gives it. */
export interface ShownModel {
  readonly version: string;
  readonly base: number;
  readonly even: number;
  readonly scale: number;
  readonly bands: readonly { readonly band: string; readonly from: number }[];
  readonly characteristics: readonly { readonly code: string; readonly source: string; readonly unknown: number; readonly bins: readonly { readonly below: number | null; readonly points: number }[] }[];
}

/** A score, as the API gives it. */
export interface ShownScore {
  readonly value: number;
  readonly band: string;
  readonly probabilityOfDefault: number;
  readonly base: number;
  readonly modelVersion: string;
  readonly factors: readonly { readonly code: string; readonly en: string; readonly fr: string; readonly contribution: number; readonly observed: string | null }[];
}

export const MODEL_QUERY = '{ riskModel { version base even scale bands { band from } characteristics { code source unknown bins { below points } } } }';
export const SCORE_FIELDS = 'value band probabilityOfDefault base modelVersion factors { code en: label fr: label(locale: "fr-FR") contribution observed }';

/** Where a score is not what the model, its own factors and nothing else make of it; empty when it explains itself to the point. */
export function unexplained(model: ShownModel, score: ShownScore): string[] {
  const found: string[] = [];
  const demand = (holds: boolean, what: string): void => void (holds || found.push(what));
  demand(score.modelVersion === model.version && score.base === model.base, 'it is of another model');
  demand(Number.isInteger(score.value) && score.value >= 0 && score.value <= 1000, `${score.value} is no value`);
  demand(score.band === (model.bands.find(({ from }) => score.value >= from)?.band ?? 'E'), `${score.band} is not the band of ${score.value}`);
  demand(Math.abs(score.probabilityOfDefault - 1 / (1 + Math.exp((score.value - model.even) / model.scale))) < 1e-9, `${score.probabilityOfDefault} is not the probability of ${score.value}`);
  const looked = charactersOf(model, score);
  demand(score.factors.slice(0, looked.length).map(({ code }) => code).join() === looked.map(({ code }) => code).join(), 'its factors are not those of the model, in its order');
  let value = score.base;
  score.factors.forEach((factor, place) => {
    const { code, en, fr, contribution, observed } = factor;
    demand(en !== '' && fr !== '' && en !== fr, `${code} has no name of its own in each language`);
    const points = looked[place] ? pointsOf(looked[place], observed) : contribution;
    const after = Math.min(Math.max(value + points, 0), 1000);
    demand(contribution === after - value, `${code}: ${observed ?? 'not known'} gives ${after - value}, not ${contribution}`);
    value += contribution;
  });
  demand(value === score.value, `base and contributions are ${value}, not ${score.value}`);
  return found;
}

/** What the model looked at: the ledger, and one of the cards of statements when there is a statement. */
function charactersOf({ characteristics }: ShownModel, { factors }: ShownScore): ShownModel['characteristics'] {
  const of = (source: string) => characteristics.filter((characteristic) => characteristic.source === source);
  const ledger = of('LEDGER');
  const next = factors[ledger.length]?.code;
  const card = [of('LISTED_STATEMENT'), of('UNLISTED_STATEMENT')].find(([first]) => first?.code === next) ?? [];
  return [...ledger, ...card];
}

function pointsOf({ bins, unknown }: ShownModel['characteristics'][number], observed: string | null): number {
  if (observed === null) return unknown;
  const value = observed === 'no' ? 0 : observed === 'yes' ? 1 : Number.parseFloat(observed) / (observed.endsWith('%') ? 100 : 1);
  return bins.find(({ below }) => below === null || value < below)!.points;
}
