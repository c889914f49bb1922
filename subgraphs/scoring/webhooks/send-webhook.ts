import { request as requestPlain, type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as requestSecure } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { parseRetryAfter } from './retry-schedule.js';
import { hostOf, type Leave } from './check-target.js';
import { resolveName, resolveTarget, type Resolve } from './resolve-target.js';
import type { WebhookFailure } from './webhook-attempt.js';

/** How long a receiver has, from the question for its address to the status of its answer, in milliseconds. */
const ANSWER_MILLISECONDS = 15_000;
/** How long its words are listened to once the status is known, which decides, in milliseconds. */
const WORDS_MILLISECONDS = 1000;
/** Bytes of an answer that are read, and characters of them that are kept. */
const READ_BYTES = 4096;
const EXCERPT_CHARACTERS = 300;

/** One POST as it is to be sent. */
export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** How an attempt went. */
export interface Outcome {
  /** When it began, in milliseconds since 1970. */
  readonly beganAt: number;
  readonly milliseconds: number;
  /** Null: there was no answer. */
  readonly status: number | null;
  /** Null: it was delivered. */
  readonly failure: WebhookFailure | null;
  /** The beginning of what was answered. */
  readonly excerpt: string | null;
  /** Seconds for which the receiver asked to be left alone. */
  readonly retryAfter: number;
}

/** What a sender may do, and how it finds addresses. `ending` ends what it is at. */
export interface Sending {
  readonly leave: Leave;
  readonly ending: AbortSignal;
  readonly resolve?: Resolve;
}

/**
 * Sends one webhook once. Whatever the receiver does, it says how that went, within sixteen seconds; only `ending` makes it
 * throw. No redirect is followed, and little of the answer is read.
 */
export async function sendWebhook(post: Post, { leave, ending, resolve = resolveName }: Sending): Promise<Outcome> {
  const beganAt = Date.now();
  const began = performance.now();
  const outcome = (end: Partial<Outcome>): Outcome => ({ status: null, failure: null, excerpt: null, retryAfter: 0, ...end, beganAt, milliseconds: Math.round(performance.now() - began) });
  const deadline = AbortSignal.timeout(ANSWER_MILLISECONDS);
  const signal = AbortSignal.any([ending, deadline]);
  try {
    const url = new URL(post.url);
    const addresses = await resolveTarget(url, leave, resolve, signal);
    signal.throwIfAborted();
    if (addresses.length === 0) return outcome({ failure: 'NO_PUBLIC_ADDRESS' });
    const answer = await ask(url, addresses, post, signal);
    const status = answer.statusCode ?? 0;
    const excerpt = await readExcerpt(answer);
    return outcome({ status, excerpt, failure: failureOf(status), retryAfter: parseRetryAfter(answer.headers['retry-after'], Date.now()) });
  } catch (error) {
    ending.throwIfAborted();
    return outcome({ failure: deadline.aborted ? 'TIMEOUT' : failureOfError(error) });
  }
}

function failureOf(status: number): WebhookFailure | null {
  if (status >= 200 && status < 300) return null;
  return status >= 300 && status < 400 ? 'REDIRECT' : 'STATUS';
}

/** What OpenSSL and Node call a certificate or a handshake that is no good. */
function failureOfError(error: unknown): WebhookFailure {
  return /CERT|SSL|TLS|SIGNATURE|EPROTO|ISSUER/.test(String((error as { code?: unknown }).code)) ? 'CERTIFICATE' : 'CONNECTION';
}

/** Connects to one of `addresses` and to nothing else, whatever the name leads to by now; resolves with the head of the answer. */
function ask(url: URL, addresses: readonly string[], { headers, body }: Post, signal: AbortSignal): Promise<IncomingMessage> {
  const known = addresses.map((address) => ({ address, family: isIP(address) }));
  const lookup: LookupFunction = (_name, { all }, found) => (all ? found(null, known) : found(null, known[0]!.address, known[0]!.family));
  const bytes = Buffer.from(body);
  const options: RequestOptions = {
    method: 'POST', hostname: hostOf(url), port: url.port, path: `${url.pathname}${url.search}`,
    headers: { ...headers, host: url.host, 'content-length': bytes.length },
    // A connection of its own: one that is kept could be another name's.
    agent: false, lookup, signal,
  };
  return new Promise((resolve, reject) => {
    const asked: ClientRequest = url.protocol === 'http:' ? requestPlain(options) : requestSecure(options);
    // A connection that ends without an answer or an error, as after an upgrade that nobody asked for, is none either.
    asked.on('response', resolve).on('error', reject).on('close', () => reject(new Error('the connection closed'))).end(bytes);
  });
}

/** The beginning of an answer as a line of text. Then the connection is closed, whatever else would come. */
async function readExcerpt(answer: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const timer = setTimeout(() => answer.destroy(), WORDS_MILLISECONDS);
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= READ_BYTES) break;
    }
  } catch {
    // What came before it broke off is kept.
  } finally {
    clearTimeout(timer);
    answer.destroy();
  }
  const text = Buffer.concat(chunks).subarray(0, READ_BYTES).toString('utf8').replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
  return text === '' ? null : text.slice(0, EXCERPT_CHARACTERS).toWellFormed();
}
