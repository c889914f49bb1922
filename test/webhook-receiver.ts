import { createHmac, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { UserError } from './bookkeeper.js';
import type { Visitor } from './house.js';

/** A webhook as it arrived. */
export interface Arrived {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export type Answer = (response: ServerResponse, arrived: Arrived, place: number) => void | Promise<void>;

const taken: Answer = (response) => void response.end('thanks');

/** Somebody's program that is told of events: an HTTP server on this machine, which answers as it is told to. */
export class WebhookReceiver implements AsyncDisposable {
  readonly arrived: Arrived[] = [];
  /** Requests that are not answered yet, now and at most. */
  open = 0;
  mostOpen = 0;
  answer: Answer = taken;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => void this.#take(request, response));
  }

  static async start(answer: Answer = taken): Promise<WebhookReceiver> {
    const receiver = new WebhookReceiver();
    receiver.answer = answer;
    receiver.#server.listen(0, '127.0.0.1');
    await once(receiver.#server, 'listening');
    return receiver;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/hook?from=ardoise`;
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.mostOpen = Math.max(this.mostOpen, (this.open += 1));
    response.once('close', () => (this.open -= 1));
    let body = '';
    for await (const chunk of request.setEncoding('utf8') as AsyncIterable<string>) body += chunk;
    const arrived = { headers: request.headers, body };
    this.arrived.push(arrived);
    await this.answer(response, arrived, this.arrived.length);
  }

  /** Waits for so many in all. */
  async until(count: number): Promise<readonly Arrived[]> {
    await until(() => this.arrived.length >= count, () => `${this.arrived.length} of ${count} webhooks arrived`);
    return this.arrived;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** Polls until it holds, for half a minute. */
export async function until(holds: () => boolean | Promise<boolean>, what: () => string = () => 'it does not come to hold'): Promise<void> {
  for (const end = Date.now() + 30_000; !(await holds()); await new Promise((resolve) => setTimeout(resolve, 10))) {
    if (Date.now() > end) throw new Error(what());
  }
}

/** What Standard Webhooks says of a webhook, written down a second time: whether one of its signatures was made with this secret, within five minutes. */
export function isSigned({ headers, body }: Arrived, secret: string): boolean {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers as Record<string, string>;
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > 300) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest();
  return signatures!.split(' ').some((text) => {
    const [version, base64] = text.split(',');
    const given = Buffer.from(base64 ?? '', 'base64');
    return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected);
  });
}

/** An endpoint that is told of alerts, and the secret that signs what it gets. */
export async function endpointOf(firm: Visitor, url: string): Promise<{ readonly id: string; readonly secret: string }> {
  const { webhookEndpointCreate: made } = await firm.get<{ webhookEndpointCreate: { endpoint: { id: string } | null; secret: string; userErrors: readonly UserError[] } }>(
    'mutation ($url: String!) { webhookEndpointCreate(input: { url: $url, description: "CRM", events: [ALERT_RAISED] }) { endpoint { id } secret userErrors { code path message } } }', { url });
  if (!made.endpoint) throw new Error(JSON.stringify(made.userErrors));
  return { id: made.endpoint.id, secret: made.secret };
}
