import type { NatsConnection } from '@nats-io/transport-node';
import type { Clock } from '../clock.js';
import type { RoomDatabase } from '../database/room-database.js';
import type { Hints } from '../events/hints.js';
import type { KeySet } from '../keys.js';
import type { Log } from '../log.js';
import type { RoomName } from '../rooms.js';
import type { OpaqueIds } from '../values/opaque-id.js';
import { invariant } from '../errors.js';

/** The secrets a room was started with; asking for one that it may not hold is a bug. */
export class RoomKeys {
  readonly #held: { readonly sessionKeys?: KeySet; readonly matchingKey?: Buffer; readonly ids?: OpaqueIds; readonly webhookKey?: Buffer };

  constructor(held: { sessionKeys?: KeySet; matchingKey?: Buffer; ids?: OpaqueIds; webhookKey?: Buffer }) {
    this.#held = held;
  }

  get sessionKeys(): KeySet {
    invariant(this.#held.sessionKeys, 'this room signs no sessions');
    return this.#held.sessionKeys;
  }

  get matchingKey(): Buffer {
    invariant(this.#held.matchingKey, 'this room matches no customers');
    return this.#held.matchingKey;
  }

  get ids(): OpaqueIds {
    invariant(this.#held.ids, 'this room names no shared objects');
    return this.#held.ids;
  }

  get webhookKey(): Buffer {
    invariant(this.#held.webhookKey, 'this room sends no webhooks');
    return this.#held.webhookKey;
  }
}

/** What a running subgraph has at hand. */
export interface Room {
  readonly name: RoomName;
  readonly db: RoomDatabase;
  readonly clock: Clock;
  readonly hints: Hints;
  /** Carries events between rooms whose databases may be different ones. */
  readonly nats: NatsConnection | undefined;
  readonly keys: RoomKeys;
  readonly log: Log;
  readonly sandbox: boolean;
  /** After so long without a byte an upload is cut. */
  readonly uploadSilenceSeconds: number;
  /** Whether the operator begins exchanges of the matching key, and the room that holds it does not. */
  readonly matchingKeyByHand?: boolean;
  /** Whether webhooks may go to networks that are not public. */
  readonly webhookPrivateTargets?: boolean;
}
