import { Arg, Ctx, Field, FieldResolver, Int, ObjectType, registerEnumType, Resolver, Root } from 'type-graphql';
import { ApiError } from '../../../src/errors.js';
import { enumOf } from '../../../src/graph/enum-of.js';
import { Money, toMoney } from '../../../src/graph/money.graph.js';
import { DateScalar, DecimalScalar } from '../../../src/graph/scalars.js';
import { Request } from '../../../src/server/request.js';
import { Invoice } from '../ledger/invoice.resolver.js';
import { latePenalty, RECOVERY_FEE, type PenaltyLine } from './late-penalty.js';
import { PENALTY_BASES, type PenaltyBasis } from './penalty-rate.js';
import { readSettlements } from './read-settlement.js';

const PenaltyBasisEnum = enumOf(PENALTY_BASES);
registerEnumType(PenaltyBasisEnum, {
  name: 'PenaltyBasis',
  description: 'Where the rate of a late penalty comes from.',
  valuesConfig: {
    ECB_PLUS_10: { description: "The ECB's main refinancing rate on 1 January or 1 July plus 10 points: what French law (C. com. L441-10) says without an agreement." },
    AGREED: { description: 'The rate that was given as agreed.' },
    LEGAL_FLOOR: { description: 'Three times the legal interest rate of the half-year: the agreed rate was below it.' },
  },
});

@ObjectType({ description: 'Days in a row on which the same amount was late at the same rate.' })
class LatePenaltyLine {
  @Field(() => DateScalar, { description: 'The first day.' })
  from!: Temporal.PlainDate;

  @Field(() => DateScalar, { description: 'The last day, included; the day of a settlement still counts.' })
  to!: Temporal.PlainDate;

  @Field(() => Int, { description: 'How many days that is.' })
  days!: number;

  @Field(() => Money, { description: 'What was open on these days.' })
  openAmount!: Money;

  @Field(() => DecimalScalar, { nullable: true, description: 'The rate of a year in percent, `14.25`; null where it is not known (yet).' })
  ratePercent!: string | null;

  @Field(() => PenaltyBasisEnum, { nullable: true, description: 'Where the rate comes from; null where it is not known.' })
  basis!: PenaltyBasis | null;

  @Field(() => Money, { nullable: true, description: 'Open amount × rate × days ÷ 365; the lines add up to the interest. Null where the rate is not known.' })
  interest!: Money | null;
}

@ObjectType({ description: 'What French law (C. com. L441-10) lets you claim because an invoice is, or was, paid late. INDICATORS.md, "Payment terms and French law".' })
class LatePenalty {
  @Field(() => DateScalar, { description: 'The day up to which it is counted, included.' })
  asOf!: Temporal.PlainDate;

  @Field(() => Money, { nullable: true, description: 'The late penalties, in the currency of the invoice; null when the rate of a line is not known.' })
  interest!: Money | null;

  @Field(() => Money, { description: 'The fixed compensation for recovery costs (C. com. D441-5): 40 € for each invoice.' })
  recoveryFee!: Money;

  @Field(() => Money, { nullable: true, description: 'Both together; null when the interest is, or is in another currency than the euro.' })
  total!: Money | null;

  @Field(() => [LatePenaltyLine], { description: 'How it is counted: from the day after the due date, cut where a half-year begins or a part was settled.' })
  lines!: readonly LatePenaltyLine[];
}

function toLine({ from, to, days, openMinor, rate, penaltyMinor }: PenaltyLine, currency: string): LatePenaltyLine {
  return {
    from, to, days, openAmount: toMoney(openMinor, currency),
    ratePercent: rate && `${rate.hundredths / 100n}.${String(rate.hundredths % 100n).padStart(2, '0')}`, basis: rate?.basis ?? null,
    interest: penaltyMinor === null ? null : toMoney(penaltyMinor, currency),
  };
}

/** A rate of the input in hundredths of a percent. */
function hundredthsOf(percent: string): bigint {
  const match = /^(\d{1,3})(?:\.(\d{1,2}))?$/.exec(percent);
  if (!match) throw new ApiError('BAD_USER_INPUT', 'agreedRatePercent is a percentage from 0 to 999.99, such as 12.5.');
  return BigInt(match[1]! + (match[2] ?? '').padEnd(2, '0'));
}

@Resolver(() => Invoice)
export class LatePenaltyResolver {
  @FieldResolver(() => LatePenalty, { nullable: true, description: 'What may be claimed by French law because it is, or was, paid late. Null when it was never open after its due date, for a credit note, and when it is cancelled.' })
  async latePenalty(
    @Root() { record }: Invoice,
    @Arg('asOf', () => DateScalar, { nullable: true, description: 'The last day that counts; today when left out.' }) asOf: Temporal.PlainDate | null,
    @Arg('agreedRatePercent', () => DecimalScalar, { nullable: true, description: "The yearly rate that your terms of sale state, in percent with at most two decimals. Left out: the ECB's rate plus 10 points." }) agreed: string | null,
    @Ctx() request: Request,
  ): Promise<LatePenalty | null> {
    const agreedHundredths = agreed === null || agreed === undefined ? null : hundredthsOf(agreed);
    if (record.kind !== 'INVOICE' || record.cancelled) return null;
    const day = asOf ?? request.room.clock.today();
    const settlements = (await request.batch(readSettlements, record.id)) ?? [];
    const penalty = latePenalty({ amountMinor: BigInt(record.amountMinor), dueDate: Temporal.PlainDate.from(record.dueDate), settlements, asOf: day, agreedHundredths });
    if (!penalty) return null;
    const { penaltyMinor, lines } = penalty;
    return {
      asOf: day,
      interest: penaltyMinor === null ? null : toMoney(penaltyMinor, record.currency),
      recoveryFee: toMoney(RECOVERY_FEE.minor, RECOVERY_FEE.currency),
      total: penaltyMinor === null || record.currency !== RECOVERY_FEE.currency ? null : toMoney(penaltyMinor + RECOVERY_FEE.minor, record.currency),
      lines: lines.map((line) => toLine(line, record.currency)),
    };
  }
}
