import { isIP } from 'node:net';
import { Refusal } from '../../../src/errors.js';
import type { Room } from '../../../src/server/room.js';
import { isPublicAddress } from './check-address.js';

const LONGEST_URL = 2000;
/** Below it lie the ports of other protocols: a webhook must not be made to speak to a mail server. */
const FIRST_FREE_PORT = 1024;
/** Names that never lead out of a network. */
const INNER_NAME = /(^|\.)(localhost|local|internal|intranet|lan|home|corp|home\.arpa|invalid|onion)$/;

/** Which targets a room takes, beyond those of the public internet. */
export interface Leave {
  /** Networks that are not public. */
  readonly isPrivateAllowed: boolean;
  /** `http:`, to this machine. */
  readonly isPlainAllowed: boolean;
}

export function leaveOf(room: Pick<Room, 'sandbox' | 'webhookPrivateTargets'>): Leave {
  const isPrivateAllowed = room.webhookPrivateTargets ?? false;
  return { isPrivateAllowed, isPlainAllowed: isPrivateAllowed && room.sandbox };
}

/** The name or address of a URL, without the brackets of version 6 and the dot at the end. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
}

/**
 * The URL of an endpoint in its one form, if webhooks may go there; otherwise why not. Where its name leads is looked at
 * whenever something is sent: names move.
 */
export function demandTarget(text: string, { isPrivateAllowed, isPlainAllowed }: Leave): string {
  const refuse = (message: string): Refusal => new Refusal('INVALID', message, ['input', 'url']);
  const url = text.length <= LONGEST_URL ? URL.parse(text) : null;
  if (!url || url.href.length > LONGEST_URL) throw refuse(`This is no URL of at most ${LONGEST_URL} characters.`);
  const host = hostOf(url);
  const isPlain = url.protocol === 'http:' && isPlainAllowed && isThisMachine(host);
  if (url.protocol !== 'https:' && !isPlain) throw refuse('A webhook goes to https:// only.');
  if (url.username !== '' || url.password !== '') throw refuse('A user and a password have no place in the URL: what is sent is signed.');
  if (url.hash !== '') throw refuse('What stands behind # is never sent; leave it out.');
  if (url.port !== '' && Number(url.port) < FIRST_FREE_PORT) throw refuse(`The port is 443, or one from ${FIRST_FREE_PORT} on.`);
  const isOutside = isIP(host) > 0 ? isPublicAddress(host) : host.includes('.') && !INNER_NAME.test(host);
  if (!isOutside && !isPrivateAllowed) throw refuse('A webhook goes to the public internet only.');
  return url.href;
}

function isThisMachine(host: string): boolean {
  return host === 'localhost' || host === '127.0.0.1' || host === '::1';
}
