import type { Room } from '../../../src/server/room.js';
import type { Job } from '../../../src/server/subgraph.js';
import { leaveOf } from './check-target.js';
import { claimDeliveries, releaseDelivery, type ClaimedDelivery } from './claim-deliveries.js';
import { noteAttempt } from './note-attempt.js';
import { WEBHOOKS_DUE } from './queue-webhooks.js';
import { sendWebhook } from './send-webhook.js';
import { secretOf } from './webhook-secret.js';
import { signatureOf } from './webhook-signature.js';

/** Sent at once by one process, for all firms together. */
const AT_ONCE = 200;

/** Between two looks for what is due, in milliseconds: places that become free close together are filled together. */
const REST_MILLISECONDS = 10;

/**
 * Sends what is due, side by side with other processes. What it takes is its own for a minute; it notes each attempt when
 * that has ended. Killed in between, the delivery is due again, and is sent twice rather than never.
 */
class Courier {
  readonly #room: Room;
  readonly #underWay = new Map<ClaimedDelivery, Promise<void>>();
  readonly #ending = new AbortController();
  #taking: Promise<void> | undefined;
  #isMore = false;

  constructor(room: Room) {
    this.#room = room;
  }

  /** Begins to send what is due, as far as there is room; does not wait for how it goes. */
  takeUp(): Promise<void> {
    this.#isMore = true;
    return (this.#taking ??= this.#take().finally(() => (this.#taking = undefined)));
  }

  async #take(): Promise<void> {
    while (this.#isMore && !this.#ending.signal.aborted) {
      this.#isMore = false;
      const most = AT_ONCE - this.#underWay.size;
      if (most === 0) return;
      for (const delivery of await claimDeliveries(this.#room, most, [...this.#underWay.keys()])) this.#underWay.set(delivery, this.#carry(delivery));
      await new Promise((resolve) => setTimeout(resolve, REST_MILLISECONDS));
    }
  }

  async #carry(delivery: ClaimedDelivery): Promise<void> {
    try {
      await this.#send(delivery);
    } catch (error) {
      // It is due again once its claim has run out.
      this.#room.log.warn({ error, delivery: delivery.id }, 'how a webhook went could not be noted; it is sent again');
    } finally {
      this.#underWay.delete(delivery);
    }
    // Its place is free. A failure is no matter: the job looks again at its interval.
    this.takeUp().catch((error: unknown) => this.#room.log.warn({ error }, 'webhooks could not be taken up; trying again'));
  }

  async #send(delivery: ClaimedDelivery): Promise<void> {
    const { firmId, endpointId, url, body } = delivery;
    const secrets = [delivery.secretId, ...(delivery.formerSecretId === null ? [] : [delivery.formerSecretId])].map((secretId) => secretOf(this.#room.keys.webhookKey, { firmId, endpointId, secretId }));
    const webhookId = `msg_${delivery.messageId}`;
    const timestamp = Math.floor(Date.now() / 1000);
    const headers = {
      'content-type': 'application/json', 'user-agent': 'Ardoise-Webhooks/1',
      'webhook-id': webhookId, 'webhook-timestamp': String(timestamp), 'webhook-signature': signatureOf(secrets, { webhookId, timestamp, body }),
    };
    const outcome = await sendWebhook({ url, headers, body }, { leave: leaveOf(this.#room), ending: this.#ending.signal }).catch((error: unknown) => {
      if (!this.#ending.signal.aborted) throw error;
      return undefined;
    });
    if (!outcome) return releaseDelivery(this.#room, delivery);
    const reason = await noteAttempt(this.#room, delivery, outcome);
    if (reason) this.#room.log.warn({ endpoint: endpointId, reason }, 'an endpoint of webhooks is disabled');
  }

  /** Breaks off what is under way and gives it back. */
  async end(): Promise<void> {
    this.#ending.abort();
    await this.#taking?.catch(() => undefined);
    await Promise.all(this.#underWay.values());
  }
}

const couriers = new WeakMap<Room, Courier>();

function courierOf(room: Room): Courier {
  let courier = couriers.get(room);
  if (!courier) couriers.set(room, (courier = new Courier(room)));
  return courier;
}

/** Looks often, since the first retry comes after five seconds; what there is to do is found by an index. */
export const deliverWebhooksJob: Job = {
  name: 'deliver-webhooks',
  everySeconds: 2,
  hint: WEBHOOKS_DUE,
  run: (room) => courierOf(room).takeUp(),
  end: (room) => courierOf(room).end(),
};
