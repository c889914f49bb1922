import { Arg, Ctx, ID, Mutation, Resolver } from 'type-graphql';
import { ApiError, Refusal } from '../../../src/errors.js';
import { settle } from '../../../src/events/dispatch.js';
import { DateTimeScalar } from '../../../src/graph/scalars.js';
import { demandSandbox } from '../../../src/server/demand-sandbox.js';
import { Request } from '../../../src/server/request.js';
import { Firm, toFirm } from '../firms/firm.resolver.js';
import { verifyFirm } from '../firms/verify-firm.js';
import { setClock } from './set-clock.js';

/** Who verifies in a sandbox: anybody may. */
const SANDBOX = { by: 'sandbox', why: 'sandboxFirmVerify' } as const;

@Resolver()
export class SandboxResolver {
  @Mutation(() => DateTimeScalar, { description: 'Sandbox only: moves business time (days, epochs, tenure), forward or back, and answers once what became due is done. Sessions keep real time.' })
  async sandboxClockSet(@Arg('at', () => DateTimeScalar, { description: 'The instant that it becomes.' }) at: Temporal.Instant, @Ctx() request: Request): Promise<Temporal.Instant> {
    demandSandbox(request.room);
    await setClock(request.room, at);
    return at;
  }

  @Mutation(() => Firm, { description: 'Sandbox only: takes the registration of a firm as checked.' })
  async sandboxFirmVerify(@Arg('firmId', () => ID, { description: 'The firm, by the id its own members see.' }) firmId: string, @Ctx() request: Request): Promise<Firm> {
    demandSandbox(request.room);
    const { firm } = await verifyFirm(request.room, firmId, SANDBOX).catch((error: unknown) => {
      if (error instanceof Refusal) throw new ApiError('NOT_FOUND', error.message);
      throw error;
    });
    await settle(request.room);
    return toFirm(firm);
  }
}
