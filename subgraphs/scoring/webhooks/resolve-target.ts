import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { isLoopback, isPublicAddress } from './check-address.js';
import { hostOf, type Leave } from './check-target.js';

/** Addresses of a name, of both versions; none when it has none. */
export type Resolve = (name: string, signal: AbortSignal) => Promise<readonly string[]>;

/** How long one name server is waited for, in milliseconds, and how often it is asked. */
const NAME_SERVER = { timeout: 2000, tries: 2 } as const;

/** Addresses of a name beyond which the rest is not looked at. */
const MOST_ADDRESSES = 32;

/**
 * Asks the name servers. Not the system's own way: that holds one of four threads, which signing in needs too, for as long
 * as a name server pleases that belongs to whoever chose the name. This machine's own name is known without a question.
 */
export const resolveName: Resolve = async (name, signal) => {
  if (name === 'localhost' || name.endsWith('.localhost')) return ['127.0.0.1', '::1'];
  const resolver = new Resolver(NAME_SERVER);
  const cancel = (): void => resolver.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
    return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  } finally {
    signal.removeEventListener('abort', cancel);
  }
};

/**
 * The addresses that a URL may be asked at just now; none when it may not. One address that is not allowed closes them all:
 * a name that leads to both is not a mistake. The connection is to be made to one of these and no other, since a name may
 * lead elsewhere a moment later.
 */
export async function resolveTarget(url: URL, { isPrivateAllowed, isPlainAllowed }: Leave, resolve: Resolve, signal: AbortSignal): Promise<readonly string[]> {
  const host = hostOf(url);
  const addresses = isIP(host) > 0 ? [host] : await resolve(host, signal);
  const isAllowed = (address: string): boolean => {
    if (url.protocol === 'http:') return isPlainAllowed && isLoopback(address);
    return isPrivateAllowed ? isIP(address) > 0 : isPublicAddress(address);
  };
  return addresses.length <= MOST_ADDRESSES && addresses.every(isAllowed) ? addresses : [];
}
