import { Ctx, Field, FieldResolver, Int, ObjectType, Resolver, Root } from 'type-graphql';
import { invariant } from '../../../src/errors.js';
import { Request } from '../../../src/server/request.js';
import { RiskScore } from '../score/risk-score.resolver.js';
import { ContextEvent, toContextEvent } from './context-event.resolver.js';
import { contextEventIdOf } from './context-factor.js';
import { readContextEvents } from './read-context-events.js';

@ObjectType({ description: 'A context event that a score was moved by.' })
class AppliedContextEvent {
  @Field(() => Int, { description: 'The points that it gave: its shift, as far as the score does not end at 0 or 1000. The same as of its factor.' })
  contribution!: number;

  eventId!: string;
}

@Resolver(() => AppliedContextEvent)
export class AppliedContextEventResolver {
  @FieldResolver(() => ContextEvent, { description: 'The event.' })
  async event(@Root() { eventId }: AppliedContextEvent, @Ctx() request: Request): Promise<ContextEvent> {
    const event = await request.batch(readContextEvents, eventId);
    invariant(event, 'an event that moved a score is kept');
    return toContextEvent(event, request.room.clock.today());
  }
}

@Resolver(() => RiskScore)
export class RiskScoreContextResolver {
  @FieldResolver(() => [AppliedContextEvent], { description: 'The context events of your firm that moved it, those that began first come first; at most 100. Each of them is among the factors too.' })
  appliedContextEvents(@Root() { factors }: RiskScore): readonly AppliedContextEvent[] {
    return factors.flatMap((factor) => {
      const eventId = contextEventIdOf(factor);
      return eventId === null ? [] : [{ contribution: factor.contribution, eventId }];
    });
  }
}
