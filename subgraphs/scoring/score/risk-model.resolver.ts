import { Arg, Ctx, Field, FieldResolver, Float, Int, ObjectType, Query, registerEnumType, Resolver, Root } from 'type-graphql';
import { enumOf } from '../../../src/graph/enum-of.js';
import { Request } from '../../../src/server/request.js';
import type { RiskBand, RiskModel as Model } from './model.js';
import { CURRENT_MODEL, modelOf } from './models.js';
import { RiskBandEnum } from './risk-score.resolver.js';
import { labelIn, type Characteristic, type Label } from './scorecard.js';

const RISK_MODEL_SOURCES = ['LEDGER', 'LISTED_STATEMENT', 'UNLISTED_STATEMENT'] as const;
type RiskModelSource = (typeof RISK_MODEL_SOURCES)[number];
const RiskModelSourceEnum = enumOf(RISK_MODEL_SOURCES);
registerEnumType(RiskModelSourceEnum, {
  name: 'RiskModelSource',
  description: 'Where the value of a characteristic comes from.',
  valuesConfig: {
    LEDGER: { description: 'Your ledger, the community and public notices.' },
    LISTED_STATEMENT: { description: "The newest financial statement, when it says the company's market value. Without one it gives no points." },
    UNLISTED_STATEMENT: { description: 'The newest financial statement, when it says no market value. Without one it gives no points.' },
  },
});

@ObjectType({ description: 'The points of observed values below `below`, and not below that of the bin before.' })
export class RiskModelBin {
  @Field(() => Float, { nullable: true, description: 'The end of the bin, itself not in it; null: no end.' })
  below!: number | null;

  @Field(() => Int, { description: 'Whole points.' })
  points!: number;
}

@ObjectType({ description: 'One thing that a model looks at.' })
export class RiskModelCharacteristic {
  @Field(() => String, { description: 'The code of the score factor that it makes.' })
  code!: string;

  @Field(() => RiskModelSourceEnum, { description: 'Where its value comes from.' })
  source!: RiskModelSource;

  @Field(() => [RiskModelBin], { description: 'From the least value on.' })
  bins!: readonly RiskModelBin[];

  @Field(() => Int, { description: 'The points when it is not known.' })
  unknown!: number;

  names!: Label;
}

@ObjectType({ description: 'From which value on a band begins.' })
export class RiskModelBand {
  @Field(() => RiskBandEnum, { description: 'The band.' })
  band!: RiskBand;

  @Field(() => Int, { description: 'The least value in it.' })
  from!: number;
}

@ObjectType({ description: 'A model of default risk, as data: whoever has the observed values can compute the score. A version never changes.' })
export class RiskModel {
  @Field(() => String, { description: 'Its name.' })
  version!: string;

  @Field(() => Int, { description: 'Where the points begin.' })
  base!: number;

  @Field(() => [RiskModelCharacteristic], { description: 'What it looks at, in the order in which the points are added.' })
  characteristics!: readonly RiskModelCharacteristic[];

  @Field(() => Float, { description: 'The value at which the probability of default is one half.' })
  even!: number;

  @Field(() => Float, { description: 'Points that make the odds e times better.' })
  scale!: number;

  @Field(() => [RiskModelBand], { description: 'The safest first; below the last of them it is E.' })
  bands!: readonly RiskModelBand[];
}

@Resolver(() => RiskModelCharacteristic)
export class RiskModelCharacteristicResolver {
  @FieldResolver(() => String, { description: 'What it is called.' })
  label(@Root() { names }: RiskModelCharacteristic, @Arg('locale', () => String, { nullable: true, description: 'A language tag; French for fr and its regions, else English.' }) locale: string | null): string {
    return labelIn(names, locale);
  }
}

@Resolver(() => RiskModel)
export class RiskModelResolver {
  @Query(() => RiskModel, { nullable: true, description: 'The model of a version, or the one in use; null for a version that never was. Needs the scope ledger:read.' })
  riskModel(@Arg('version', () => String, { nullable: true, description: 'As `RiskScore.modelVersion` names it; left out or null: the one in use.' }) version: string | null | undefined, @Ctx() request: Request): RiskModel | null {
    request.demand('ledger:read');
    const model = version == null ? CURRENT_MODEL : modelOf(version);
    return model ? { ...model, characteristics: characteristicsOf(model) } : null;
  }
}

function characteristicsOf({ behaviour, statement }: Model): readonly RiskModelCharacteristic[] {
  const shown = (source: RiskModelSource) => (characteristic: Characteristic): RiskModelCharacteristic => ({ ...characteristic, source, names: characteristic.label });
  return [...behaviour.map(shown('LEDGER')), ...statement.listed.map(shown('LISTED_STATEMENT')), ...statement.unlisted.map(shown('UNLISTED_STATEMENT'))];
}
