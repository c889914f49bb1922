import { Arg, Ctx, Field, FieldResolver, ID, InputType, Int, Mutation, ObjectType, registerEnumType, Resolver, Root } from 'type-graphql';
import { answer, type UserError } from '../../../src/errors.js';
import { enumOf } from '../../../src/graph/enum-of.js';
import { demandPageSize } from '../../../src/graph/page.graph.js';
import { DateScalar, DateTimeScalar } from '../../../src/graph/scalars.js';
import { UserErrorObject } from '../../../src/graph/user-error.graph.js';
import { Request } from '../../../src/server/request.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import { Customer } from '../behaviour/payment-behaviour.resolver.js';
import { countsOn, INSOLVENCY_KINDS, type InsolvencyKind } from './insolvency.js';
import { readNotices, readNoticesOf, type NoticeRecord } from './read-insolvencies.js';
import { recordInsolvency } from './record-insolvency.js';
import { withdrawInsolvency } from './withdraw-insolvency.js';

const InsolvencyKindEnum = enumOf(INSOLVENCY_KINDS);
registerEnumType(InsolvencyKindEnum, {
  name: 'InsolvencyKind',
  description: 'Which proceedings were opened.',
  valuesConfig: {
    SAFEGUARD: { description: 'To protect a firm that can still pay (sauvegarde).' },
    REORGANISATION: { description: 'It cannot pay any more and is to be continued (redressement judiciaire).' },
    LIQUIDATION: { description: 'It is to be wound up (liquidation judiciaire).' },
    OTHER: { description: 'Something else, of another country for example.' },
  },
});

@ObjectType({ description: 'A public notice that proceedings were opened over a customer, as your firm recorded it. Your firm answers for its source; nobody but your firm sees it.' })
class InsolvencyNotice {
  @Field(() => ID, { description: 'Opaque.' })
  id!: string;

  @Field(() => InsolvencyKindEnum, { description: 'Which proceedings.' })
  kind!: InsolvencyKind;

  @Field(() => DateScalar, { description: 'The day on which they were opened.' })
  openedOn!: string;

  @Field(() => String, { description: 'Where it was published.' })
  source!: string;

  @Field(() => Boolean, { description: 'Whether it counts against the customer today: until it is withdrawn, and for ten years from the opening at most.' })
  counts!: boolean;

  @Field(() => DateTimeScalar, { description: 'When it was recorded, in business time.' })
  recordedAt!: string | Date;

  @Field(() => ID, { nullable: true, description: 'Who recorded it: the id of a User of your firm; for an API key, the one who made it. Null when nobody is known.' })
  recordedBy!: string | null;

  @Field(() => Boolean, { description: 'Whether it was recorded through an API key.' })
  byKey!: boolean;

  @Field(() => DateScalar, { nullable: true, description: 'The day on which it was withdrawn, and no longer counts; null while it stands.' })
  withdrawnOn!: string | null;

  @Field(() => ID, { nullable: true, description: 'Who withdrew it: the id of a User of your firm; null while it stands.' })
  withdrawnBy!: string | null;

  @Field(() => String, { nullable: true, description: 'Why it was withdrawn; null while it stands.' })
  withdrawalReason!: string | null;
}

function toNotice(record: NoticeRecord, today: Temporal.PlainDate): InsolvencyNotice {
  return { ...record, counts: countsOn(today, Temporal.PlainDate.from(record.openedOn), record.withdrawnOn === null ? null : Temporal.PlainDate.from(record.withdrawnOn)) };
}

@InputType({ description: 'A public insolvency notice.' })
class InsolvencyNoticeRecordInput {
  @Field(() => ID, { description: 'The customer.' })
  customerId!: string;

  @Field(() => InsolvencyKindEnum, { description: 'Which proceedings.' })
  kind!: InsolvencyKind;

  @Field(() => DateScalar, { description: 'The day on which they were opened: not in the future, and less than ten years ago.' })
  openedOn!: Temporal.PlainDate;

  @Field(() => String, { description: 'Where it was published, 1 to 500 characters, so that anybody can look it up: "BODACC A no 2026-101, annonce 1234".' })
  source!: string;
}

@InputType({ description: 'A notice to be taken back.' })
class InsolvencyNoticeWithdrawInput {
  @Field(() => ID, { description: 'The notice.' })
  id!: string;

  @Field(() => String, { description: 'Why, 1 to 500 characters: the proceedings were closed, or it was another firm of that name.' })
  reason!: string;
}

@ObjectType({ description: 'The notice after the change, or why there was none.' })
class InsolvencyNoticePayload {
  @Field(() => InsolvencyNotice, { nullable: true, description: 'The notice; null when refused.' })
  notice!: InsolvencyNotice | null;

  @Field(() => [UserErrorObject], { description: 'Why it was refused; empty when it was done.' })
  userErrors!: readonly UserError[];
}

const NO_NOTICE: { readonly notice: InsolvencyNotice | null } = { notice: null };

@Resolver(() => InsolvencyNotice)
export class InsolvencyNoticeResolver {
  @Mutation(() => InsolvencyNoticePayload, {
    description:
      'Records that insolvency proceedings over a customer were published: a public fact, for whose source your firm answers. It counts for the risk score until it is withdrawn. Of a natural person (Customer.naturalPerson) record only what the public register still shows, and withdraw it once it no longer does: it is personal data then. The same kind opened on the same day again changes nothing; from another source it is a CONFLICT. Needs the scope credit:write.',
  })
  insolvencyNoticeRecord(@Arg('input', () => InsolvencyNoticeRecordInput, { description: 'The notice.' }) input: InsolvencyNoticeRecordInput, @Ctx() request: Request): Promise<InsolvencyNoticePayload> {
    const asker = request.demand('credit:write');
    return answer(NO_NOTICE, async () => {
      const { customerId, kind, openedOn, source } = input;
      return changed(request, await recordInsolvency(request.room, asker, { customerId, kind, openedOn, source }));
    });
  }

  @Mutation(() => InsolvencyNoticePayload, { description: 'Takes a notice back: from today on it counts no more. It is kept with who withdrew it and why. The same again changes nothing, another reason is a CONFLICT. Needs the scope credit:write.' })
  insolvencyNoticeWithdraw(@Arg('input', () => InsolvencyNoticeWithdrawInput, { description: 'The notice.' }) input: InsolvencyNoticeWithdrawInput, @Ctx() request: Request): Promise<InsolvencyNoticePayload> {
    const asker = request.demand('credit:write');
    return answer(NO_NOTICE, async () => {
      await withdrawInsolvency(request.room, asker, input.id, input.reason);
      return changed(request, input.id);
    });
  }
}

@Resolver(() => Customer)
export class CustomerInsolvencyResolver {
  @FieldResolver(() => [InsolvencyNotice], { description: 'Public insolvency notices that your firm recorded about it, the one opened last comes first; withdrawn ones too. Needs the scope ledger:read.' })
  async insolvencyNotices(
    @Root() { id }: Customer,
    @Arg('first', () => Int, { nullable: true, defaultValue: 50, description: 'How many of the newest, at most 100.' }) first: number | null,
    @Ctx() request: Request,
  ): Promise<readonly InsolvencyNotice[]> {
    request.demand('ledger:read');
    const size = demandPageSize(first ?? 50);
    if (!isUuid(id)) return [];
    const today = request.room.clock.today();
    return ((await request.batch(readNoticesOf, { customerId: id, first: size })) ?? []).map((record) => toNotice(record, today));
  }
}

async function changed(request: Request, id: string): Promise<{ readonly notice: InsolvencyNotice | null }> {
  request.forget();
  const record = await request.batch(readNotices, id);
  return { notice: record && toNotice(record, request.room.clock.today()) };
}
