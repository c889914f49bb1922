import { GraphQLError } from 'graphql';
import type { Context, ServerOptions } from 'graphql-ws';
import type { WebSocket } from 'ws';
import { ApiError } from '../src/errors.js';

/** Operations of one WebSocket that run or whose answers its client has not read: a page of subscriptions has a dozen. */
const MOST_OPERATIONS = 100;
/** Refusals are answers too: a client that has so many waiting does not read. */
const MOST_WAITING = 1000;

type Options = Pick<ServerOptions, 'onSubscribe'>;

/**
 * Refuses a client's operation while too many of its others are not done. What is sent and not read counts, so a client
 * that asks and does not read costs that many answers and no more; one that goes on asking all the same is cut off.
 */
export function limitOperations<Given extends Options>(options: Given): Given {
  return {
    ...options,
    onSubscribe(context, id, payload) {
      const open = Object.keys(context.subscriptions).length;
      if (open <= MOST_OPERATIONS) return options.onSubscribe?.(context as Context, id, payload);
      if (open > MOST_WAITING) (context.extra as { socket: WebSocket }).socket.terminate();
      const { message, extensions } = new ApiError('RATE_LIMITED', `A connection has at most ${MOST_OPERATIONS} operations at once; end some, and read what was sent.`);
      return [new GraphQLError(message, { extensions: { ...extensions, requestId: crypto.randomUUID() } })];
    },
  };
}
