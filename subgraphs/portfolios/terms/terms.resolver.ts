import { Arg, Ctx, Field, InputType, Int, ObjectType, Query, registerEnumType, Resolver } from 'type-graphql';
import { ApiError, Refusal } from '../../../src/errors.js';
import { enumOf } from '../../../src/graph/enum-of.js';
import { DateScalar } from '../../../src/graph/scalars.js';
import { Request } from '../../../src/server/request.js';
import { dueDate, END_OF_MONTH_RULES, faultOfTerms, legalWarnings, type EndOfMonth, type PaymentTerms as Terms } from './due-date.js';

const EndOfMonthEnum = enumOf(END_OF_MONTH_RULES);
registerEnumType(EndOfMonthEnum, {
  name: 'EndOfMonth',
  description: 'Whether and how the end of a month takes part in a due date.',
  valuesConfig: {
    NONE: { description: 'Days from the issue date.' },
    END_OF_MONTH_THEN_DAYS: { description: 'The end of the issue month, then the days.' },
    DAYS_THEN_END_OF_MONTH: { description: 'The days, then the end of the month they lead into.' },
  },
});

@ObjectType({ description: 'When what is invoiced today is to be paid.' })
export class PaymentTerms {
  @Field(() => Int, { description: 'Days given, from 0 to 365.' })
  days!: number;

  @Field(() => EndOfMonthEnum, { description: 'How the end of a month takes part.' })
  endOfMonth!: EndOfMonth;

  @Field(() => Int, { nullable: true, description: 'The due date moves to the next such day of a month, 1 to 31; null when it stays. A month too short has it on its last day.' })
  fixedDay!: number | null;
}

@InputType({ description: 'When what is invoiced today is to be paid.' })
export class PaymentTermsInput {
  @Field(() => Int, { description: 'Days given, from 0 to 365.' })
  days!: number;

  @Field(() => EndOfMonthEnum, { nullable: true, defaultValue: 'NONE', description: 'How the end of a month takes part.' })
  endOfMonth!: EndOfMonth | null;

  @Field(() => Int, { nullable: true, description: 'Moves the due date to the next such day of a month, 1 to 31.' })
  fixedDay?: number | null;
}

@ObjectType({ description: 'What the law says about a due date.' })
export class LegalWarning {
  @Field(() => String, { description: 'Stable: OVER_60_DAYS or OVER_45_DAYS_END_OF_MONTH (C. com. L441-10).' })
  code!: string;

  @Field(() => String, { description: 'For a person, in English.' })
  message!: string;

  @Field(() => DateScalar, { nullable: true, description: 'The last due date that the law admits; null when it names none.' })
  latestDueDate!: Temporal.PlainDate | null;
}

@ObjectType({ description: 'What payment terms make of an issue date.' })
class DueDatePreview {
  @Field(() => DateScalar, { description: 'The due date.' })
  dueDate!: Temporal.PlainDate;

  @Field(() => [LegalWarning], { description: 'What French law (C. com. L441-10) holds against it; empty when nothing. It is never refused.' })
  warnings!: readonly LegalWarning[];
}

function toTerms(input: PaymentTermsInput): Terms {
  return { days: input.days, endOfMonth: input.endOfMonth ?? 'NONE', fixedDay: input.fixedDay ?? null };
}

/** The terms of a mutation's input; refused when a number is out of its range. */
export function demandTerms(input: PaymentTermsInput, path: readonly string[]): Terms {
  const terms = toTerms(input);
  const fault = faultOfTerms(terms);
  if (fault) throw new Refusal('INVALID', fault.message, [...path, fault.field]);
  return terms;
}

@Resolver()
export class TermsResolver {
  @Query(() => DueDatePreview, { description: 'When an invoice would be due, and what French law says about it. Needs the scope ledger:read.' })
  dueDatePreview(
    @Arg('terms', () => PaymentTermsInput, { description: 'The terms.' }) input: PaymentTermsInput,
    @Arg('issuedOn', () => DateScalar, { description: 'The issue date of the invoice.' }) issuedOn: Temporal.PlainDate,
    @Ctx() request: Request,
  ): DueDatePreview {
    request.demand('ledger:read');
    const terms = toTerms(input);
    const fault = faultOfTerms(terms);
    if (fault) throw new ApiError('BAD_USER_INPUT', fault.message);
    return { dueDate: dueDate(terms, issuedOn), warnings: legalWarnings(terms, issuedOn) };
  }
}
